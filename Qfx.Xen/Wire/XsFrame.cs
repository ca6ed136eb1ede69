namespace Qfx.Xen.Wire;

/// <summary>One message where it lies: a header and the bytes announced by it. It lives as long as the buffer it was read from.</summary>
public readonly ref struct XsFrame
{
    /// <summary>A message of <paramref name="header"/> and <paramref name="payload"/>.</summary>
    public XsFrame(XsHeader header, ReadOnlySpan<byte> payload)
    {
        Header = header;
        Payload = payload;
    }

    /// <summary>Its first 16 bytes.</summary>
    public XsHeader Header { get; }

    /// <summary>As many bytes as the header announces; <see cref="XsPayload"/> reads them.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Bytes of header and payload.</summary>
    public int Size => XsHeader.Size + Payload.Length;

    /// <summary>Reads the message at the start of <paramref name="source"/>, without copying it.</summary>
    /// <param name="source">What has arrived.</param>
    /// <param name="frame">The message.</param>
    /// <param name="maxDirectory">As in <see cref="XsHeader.TryRead"/>.</param>
    /// <returns>False while it has not arrived as a whole.</returns>
    /// <exception cref="XsProtocolException">It announces more bytes than its type may have; the connection is lost.</exception>
    public static bool TryRead(ReadOnlySpan<byte> source, out XsFrame frame, int maxDirectory = XsHeader.MaxDirectory)
    {
        frame = default;
        if (!XsHeader.TryRead(source, out var header, maxDirectory) || source.Length - XsHeader.Size < header.Length) return false;
        frame = new(header, source.Slice(XsHeader.Size, header.Length));
        return true;
    }
}
