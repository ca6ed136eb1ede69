using Qfx.Tests.Support;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Faults;

/// <summary>Bytes that nobody would send, and some that somebody would: the parser finds in them what a naive one finds.</summary>
public sealed class ParserFuzzTests
{
    private const int Frames = 120_000;

    /// <summary>Streams of true, false and broken messages, cut into random pieces.</summary>
    [Fact]
    public void A_hundred_thousand_random_frames_are_read_as_a_naive_parser_reads_them()
    {
        var random = Seeded.Random();
        var (made, ends) = (0, new Dictionary<string, int>());
        while (made < Frames)
        {
            var count = random.Next(1, 40);
            byte[] bytes = [.. Enumerable.Range(0, count).SelectMany(_ => Frame(random))];
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            var (expected, end) = NaiveParser.Parse(bytes);
            var (read, how) = Parse(random, bytes);
            Assert.Equal(expected.Select(frame => $"{frame}"), read.Select(frame => $"{frame}"));
            Assert.Equal(end, how);
            made += count;
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        Assert.True(ends.Values.All(times => times > 100) && ends.Count == 3, string.Join(", ", ends));
    }

    [Fact]
    public void A_hundred_thousand_random_payloads_are_taken_apart_as_a_naive_parser_does()
    {
        var random = Seeded.Random();
        for (var i = 0; i < 100_000; i++)
        {
            var payload = Payload(random, random.Next(0, 60));
            var expected = NaiveParser.Parts(payload);
            if (expected is null) Assert.Throws<XsProtocolException>(() => XsPayload.List(payload));
            else Assert.Equal(expected, XsPayload.List(payload));
        }
    }

    private static byte[] Frame(Random random)
    {
        var payload = Payload(random, random.Next(200) switch { 0 => 4096, 1 => 4095, 2 => random.Next(4097), < 20 => 0, _ => random.Next(60) });
        var frame = new byte[16 + payload.Length];
        var type = random.Next(20) == 0 ? (uint)random.NextInt64(uint.MaxValue) : (uint)random.Next(25);
        BitConverter.TryWriteBytes(frame, type);
        BitConverter.TryWriteBytes(frame.AsSpan(4), (uint)random.NextInt64(uint.MaxValue));
        BitConverter.TryWriteBytes(frame.AsSpan(8), (uint)random.NextInt64(uint.MaxValue));
        BitConverter.TryWriteBytes(frame.AsSpan(12), random.Next(400) switch
        {
            0 => (uint)random.NextInt64(uint.MaxValue),
            1 => 4097u,
            2 => (1024 * 1024) + 1u,
            3 => uint.MaxValue,
            4 => 0x80000000u,
            5 => (uint)random.Next(100),    // not what follows: what comes next is out of step
            _ => (uint)payload.Length,
        });
        payload.CopyTo(frame.AsSpan(16));
        if (random.Next(3000) != 0) return frame;

        // A list as the OCaml server sends it, in one piece.
        var list = new byte[random.Next(1024 * 1024)];
        BitConverter.TryWriteBytes(frame, 1u);
        BitConverter.TryWriteBytes(frame.AsSpan(12), (uint)list.Length);
        return [.. frame.AsSpan(0, 16), .. list];
    }

    private static byte[] Payload(Random random, int length)
    {
        var payload = new byte[length];
        for (var i = 0; i < length; i++) payload[i] = random.Next(6) == 0 ? (byte)0 : (byte)random.Next(256);
        if (length > 0 && random.Next(2) == 0) payload[^1] = 0;
        return payload;
    }

    private static (List<NaiveFrame> Frames, string End) Parse(Random random, byte[] bytes)
    {
        var frames = new List<NaiveFrame>();
        using var reader = new XsFrameReader();
        try
        {
            for (var at = 0; at < bytes.Length;)
            {
                var room = reader.GetMemory();
                var piece = Math.Min(Math.Min(random.Next(3) == 0 ? random.Next(1, 40) : random.Next(1, 20_000), room.Length), bytes.Length - at);
                bytes.AsSpan(at, piece).CopyTo(room.Span);
                reader.Advance(piece);
                at += piece;
                while (reader.TryRead(out var frame))
                    frames.Add(new((uint)frame.Header.Type, frame.Header.RequestId, frame.Header.TransactionId, frame.Payload.ToArray()));
            }
        }
        catch (XsProtocolException)
        {
            return (frames, "malformed");
        }

        return (frames, reader.IsEmpty ? "whole" : "broken off");
    }
}
