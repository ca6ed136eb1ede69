using CsCheck;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Wire;

public class FramePropertiesTests
{
    private static readonly Gen<XsHeader> Headers =
        Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt, Gen.Int[0, XsHeader.MaxPayload],
            (type, request, transaction, length) => new XsHeader((XsType)type, request, transaction, length));

    private static readonly Gen<(XsHeader Header, byte[] Payload)> Messages =
        Gen.Select(Headers, Gen.Frequency((9, Gen.Byte.Array[0, 60]), (1, Gen.Byte.Array[XsHeader.MaxPayload])),
            (header, payload) => (header with { Length = payload.Length }, payload));

    [Fact]
    public void Every_header_survives_the_wire() => Headers.Sample(header =>
    {
        var bytes = new byte[XsHeader.Size];
        header.Write(bytes);
        return XsHeader.TryRead(bytes, out var read) && read == header;
    });

    [Fact]
    public void Every_split_of_a_byte_stream_into_chunks_parses_alike() =>
        Gen.Select(Messages.Array[0, 40], Gen.Int[1, 5000].Array[1, 50]).Sample((messages, chunks) =>
        {
            using var batch = new XsFrameBatch();
            foreach (var (header, payload) in messages) batch.Add(header.Type, header.RequestId, header.TransactionId, payload);

            var read = Parse(batch.Bytes, chunks);

            Assert.Equal(messages.Length, read.Count);
            Assert.All(messages.Zip(read), pair =>
            {
                Assert.Equal(pair.First.Header, pair.Second.Header);
                Assert.Equal(pair.First.Payload, pair.Second.Payload);
            });
        }, iter: 300);

    [Fact]
    public void One_byte_at_a_time_parses_alike()
    {
        using var batch = new XsFrameBatch();
        for (var i = 0; i < 40; i++) batch.Add(XsType.Read, (uint)i, 0, new byte[i * 100]);
        var read = Parse(batch.Bytes, [1]);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => i * 100), read.Select(m => m.Payload.Length));
    }

    [Fact]
    public void A_message_that_has_not_arrived_as_a_whole_is_awaited() =>
        Gen.Select(Messages, Gen.Double[0, 1]).Sample((message, part) =>
        {
            using var batch = new XsFrameBatch();
            batch.Add(message.Header.Type, message.Header.RequestId, 0, message.Payload);
            var arrived = (int)(part * (batch.Bytes.Length - 1));
            return !XsFrame.TryRead(batch.Bytes.Span[..arrived], out _);
        });

    [Fact]
    public void A_length_above_4096_is_malformed_as_soon_as_the_header_is_there() =>
        Gen.Select(Headers, Gen.UInt[XsHeader.MaxPayload + 1, uint.MaxValue]).Sample((header, length) =>
        {
            var bytes = new byte[XsHeader.Size];
            header.Write(bytes);
            BitConverter.TryWriteBytes(bytes.AsSpan(12), length);
            Assert.False(XsFrame.TryRead(bytes.AsSpan(0, 15), out _, XsHeader.MaxPayload));
            Assert.Throws<XsProtocolException>(() => XsFrame.TryRead(bytes, out _, XsHeader.MaxPayload));
        });

    [Fact]
    public void Random_bytes_are_messages_or_malformed_and_nothing_else() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool).Sample((bytes, shorten) =>
        {
            // A random length is nearly always too large: half the time it is cut down to one that fits.
            if (shorten && bytes.Length > 14) bytes.AsSpan(13, Math.Min(3, bytes.Length - 13)).Clear();
            using var reader = new XsFrameReader();
            bytes.CopyTo(reader.GetMemory());
            reader.Advance(bytes.Length);
            try
            {
                while (reader.TryRead(out var frame))
                {
                    XsPayload.List(frame.Payload);
                    XsPayload.Error(frame.Payload);
                }
            }
            catch (XsProtocolException)
            {
                // The one way to say no.
            }
        }, iter: 20_000);

    [Fact]
    public void A_reader_that_is_never_emptied_says_so()
    {
        using var reader = new XsFrameReader();
        reader.Advance(reader.GetMemory().Length);
        Assert.Throws<InvalidOperationException>(() => reader.GetMemory());
    }

    private static List<(XsHeader Header, byte[] Payload)> Parse(ReadOnlyMemory<byte> bytes, int[] chunks)
    {
        using var reader = new XsFrameReader();
        var messages = new List<(XsHeader, byte[])>();
        for (var turn = 0; !bytes.IsEmpty; turn++)
        {
            var space = reader.GetMemory();
            var chunk = Math.Min(Math.Min(chunks[turn % chunks.Length], bytes.Length), space.Length);
            bytes[..chunk].CopyTo(space);
            reader.Advance(chunk);
            bytes = bytes[chunk..];
            while (reader.TryRead(out var frame)) messages.Add((frame.Header, frame.Payload.ToArray()));
        }

        Assert.True(reader.IsEmpty);
        return messages;
    }
}
