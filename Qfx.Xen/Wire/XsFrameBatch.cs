using System.Buffers;
using System.Text;

namespace Qfx.Xen.Wire;

/// <summary>Messages one after another in a rented buffer, to be sent with one write.</summary>
/// <remarks>The buffer grows with what is added; <see cref="Clear"/> gives back what a burst needed. Not thread-safe.</remarks>
public sealed class XsFrameBatch : IDisposable
{
    private const int InitialSize = 16 * 1024;
    private const int KeptSize = 256 * 1024;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int length;

    /// <summary>Whether nothing has been added.</summary>
    public bool IsEmpty => length == 0;

    /// <summary>All messages added, valid until the next change.</summary>
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    /// <summary>Bytes of payload that <see cref="Add(XsType, uint, uint, string, ReadOnlySpan{byte})"/> makes of these parts.</summary>
    public static int PayloadLength(string text, ReadOnlySpan<byte> rest)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length + 1 + rest.Length;
    }

    /// <summary>Adds a message with a payload ready made.</summary>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="XsHeader.MaxPayload"/>; nothing is added.</exception>
    public void Add(XsType type, uint requestId, uint transactionId, ReadOnlySpan<byte> payload) =>
        payload.CopyTo(Begin(type, requestId, transactionId, payload.Length));

    /// <summary>Adds a message whose payload is <paramref name="text"/>, a NUL, and <paramref name="rest"/> as it is.</summary>
    /// <param name="type">What the payload is.</param>
    /// <param name="requestId">Echoed in the answer.</param>
    /// <param name="transactionId">0 outside of a transaction.</param>
    /// <param name="text">ASCII: a path or a number.</param>
    /// <param name="rest">A value, or further parts with their NULs.</param>
    /// <exception cref="ArgumentException">
    /// The text is not ASCII, or the payload is longer than <see cref="XsHeader.MaxPayload"/>; nothing is added.
    /// </exception>
    public void Add(XsType type, uint requestId, uint transactionId, string text, ReadOnlySpan<byte> rest)
    {
        if (!Ascii.IsValid(text)) throw new ArgumentException("The text is not ASCII.", nameof(text));
        var payload = Begin(type, requestId, transactionId, PayloadLength(text, rest));
        Ascii.FromUtf16(text, payload, out var written);
        payload[written] = 0;
        rest.CopyTo(payload[(written + 1)..]);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        length = 0;
        if (buffer.Length <= KeptSize) return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        length = 0;
        if (buffer.Length == 0) return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    private Span<byte> Begin(XsType type, uint requestId, uint transactionId, int payload)
    {
        if (payload > XsHeader.MaxPayload)
        {
            throw new ArgumentException($"{type}: {payload} bytes of payload, {XsHeader.MaxPayload} are allowed.", nameof(payload));
        }

        var start = length;
        var grown = start + XsHeader.Size + payload;
        if (grown > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(grown, Math.Max(InitialSize, buffer.Length * 2)));
            buffer.AsSpan(0, start).CopyTo(larger);
            if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        new XsHeader(type, requestId, transactionId, payload).Write(buffer.AsSpan(start));
        length = grown;
        return buffer.AsSpan(start + XsHeader.Size, payload);
    }
}
