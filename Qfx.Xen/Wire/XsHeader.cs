using static System.Buffers.Binary.BinaryPrimitives;

namespace Qfx.Xen.Wire;

/// <summary>The 16 bytes before every payload: struct xsd_sockmsg in xen/include/public/io/xs_wire.h.</summary>
/// <param name="Type">What the payload is.</param>
/// <param name="RequestId">Chosen by who asks, echoed in the answer; 0 in events.</param>
/// <param name="TransactionId">0 outside of a transaction.</param>
/// <param name="Length">Bytes of payload that follow.</param>
/// <remarks>Host byte order; both ends share a machine, and the ones we support are little-endian.</remarks>
public readonly record struct XsHeader(XsType Type, uint RequestId, uint TransactionId, int Length)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 16;

    /// <summary>Bytes a payload may have, XENSTORE_PAYLOAD_MAX; xenstored disconnects whoever sends more.</summary>
    public const int MaxPayload = 4096;

    /// <summary>
    /// Bytes that the answer to DIRECTORY may have: oxenstored does not split a long list as the C server makes its clients do.
    /// Room for 32,751 domains, and for much more.
    /// </summary>
    public const int MaxDirectory = 1024 * 1024;

    /// <param name="source">What has arrived.</param>
    /// <param name="header">The header at its start.</param>
    /// <param name="maxDirectory">Bytes that a message of type DIRECTORY may have; a server, which gets only paths, takes <see cref="MaxPayload"/>.</param>
    /// <returns>False while fewer than <see cref="Size"/> bytes have arrived.</returns>
    /// <exception cref="XsProtocolException">The length is above what its type may have; the connection is lost.</exception>
    public static bool TryRead(ReadOnlySpan<byte> source, out XsHeader header, int maxDirectory = MaxDirectory)
    {
        header = default;
        if (source.Length < Size) return false;
        var type = (XsType)ReadUInt32LittleEndian(source);
        var length = ReadUInt32LittleEndian(source[12..]);
        var allowed = type == XsType.Directory ? maxDirectory : MaxPayload;
        if (length > allowed) throw new XsProtocolException($"a message of type {(uint)type} announces {length} bytes of payload, {allowed} are allowed");
        header = new(type, ReadUInt32LittleEndian(source[4..]), ReadUInt32LittleEndian(source[8..]), (int)length);
        return true;
    }

    /// <summary>Writes the <see cref="Size"/> bytes to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target)
    {
        WriteUInt32LittleEndian(target, (uint)Type);
        WriteUInt32LittleEndian(target[4..], RequestId);
        WriteUInt32LittleEndian(target[8..], TransactionId);
        WriteUInt32LittleEndian(target[12..], (uint)Length);
    }
}
