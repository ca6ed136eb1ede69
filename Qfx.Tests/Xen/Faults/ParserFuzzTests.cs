using CsCheck;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Faults;

/// <summary>Bytes that nobody would send.</summary>
public sealed class ParserFuzzTests
{
    /// <summary>Whatever bytes come, they are messages or an end: 100,000 frames, true and false ones, split at random.</summary>
    [Fact]
    public void Random_frames_into_the_parser() => Gen.Select(Gen.Byte.Array[0, 40], Gen.UInt[0, 30], Gen.UInt[0, 5000], Gen.Int[1, 50]).Array[10].Sample(
        frames =>
        {
            using var reader = new XsFrameReader();
            try
            {
                foreach (var (payload, type, announced, chunk) in frames)
                {
                    var bytes = new byte[XsHeader.Size + payload.Length];
                    new XsHeader((XsType)type, type, 0, 0).Write(bytes);
                    BitConverter.TryWriteBytes(bytes.AsSpan(12), announced > 4500 ? announced : (uint)payload.Length);
                    payload.CopyTo(bytes.AsSpan(XsHeader.Size));
                    for (var at = 0; at < bytes.Length; at += chunk)
                    {
                        var part = bytes.AsSpan(at, Math.Min(chunk, bytes.Length - at));
                        part.CopyTo(reader.GetMemory().Span);
                        reader.Advance(part.Length);
                        while (reader.TryRead(out var frame)) Assert.InRange(frame.Payload.Length, 0, XsHeader.MaxDirectory);
                    }
                }
            }
            catch (XsProtocolException)
            {
                // As it should be.
            }
        },
        iter: 10_000);
}
