using System.Buffers;

namespace Qfx.Xen.Wire;

/// <summary>Cuts a byte stream into messages, however it was split on the way, in one rented buffer.</summary>
/// <remarks>
/// In turn: fill some of <see cref="GetMemory"/>, <see cref="Advance"/>, then <see cref="TryRead"/> until it says false.
/// The buffer holds <see cref="BufferSize"/> bytes: a message is at most 4,112 bytes. Only for a longer one, oxenstored's answer
/// to DIRECTORY, there is a larger buffer until it is read. Not thread-safe.
/// </remarks>
/// <param name="maxDirectory">As in <see cref="XsHeader.TryRead"/>.</param>
public sealed class XsFrameReader(int maxDirectory = XsHeader.MaxDirectory) : IDisposable
{
    /// <summary>Bytes rented, so that a burst of answers or events is taken with one read.</summary>
    public const int BufferSize = 64 * 1024;

    private const int LargestFrame = XsHeader.Size + XsHeader.MaxPayload;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int start;
    private int end;
    private int awaited;

    /// <summary>Whether no part of a message is left over: at the end of a stream, false means that it broke off.</summary>
    public bool IsEmpty => start == end;

    /// <summary>Free space, at least one byte. What <see cref="TryRead"/> gave out before is no longer valid.</summary>
    /// <exception cref="InvalidOperationException">Whole messages fill the buffer and have not been read.</exception>
    public Memory<byte> GetMemory()
    {
        if (start == end)
        {
            start = end = 0;
            if (buffer.Length > 2 * BufferSize) Resize(BufferSize);
        }
        else if (buffer.Length - start < awaited)
        {
            Resize(Math.Max(awaited, BufferSize));
        }
        else if (buffer.Length - end < LargestFrame)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }

        return end < buffer.Length
            ? buffer.AsMemory(end)
            : throw new InvalidOperationException("Read the messages that have arrived before asking for more.");
    }

    /// <summary>Says how many bytes were put into what <see cref="GetMemory"/> gave.</summary>
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, buffer.Length - end);
        end += bytes;
    }

    /// <summary>Takes the next whole message; it is valid until <see cref="GetMemory"/> is called.</summary>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="XsProtocolException">What arrived is no message; nothing after it can be read.</exception>
    public bool TryRead(out XsFrame frame)
    {
        var arrived = buffer.AsSpan(start, end - start);
        if (!XsFrame.TryRead(arrived, out frame, maxDirectory))
        {
            awaited = XsHeader.TryRead(arrived, out var header, maxDirectory) ? XsHeader.Size + header.Length : XsHeader.Size;
            return false;
        }

        start += frame.Size;
        return true;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (buffer.Length == 0) return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        start = end = 0;
    }

    private void Resize(int size)
    {
        var other = ArrayPool<byte>.Shared.Rent(size);
        buffer.AsSpan(start, end - start).CopyTo(other);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = other;
        end -= start;
        start = 0;
    }
}
