using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

/// <summary>xenstored said no. The connection survives it.</summary>
public sealed class XenstoreException : IOException
{
    /// <summary>An answer of type ERROR to <paramref name="op"/>.</summary>
    public XenstoreException(XsType op, string? path, XsError error)
        : base(path is null ? $"xenstore: {op}: {error}" : $"xenstore: {op} {path}: {error}")
    {
        Op = op;
        Path = path;
        Error = error;
    }

    /// <summary>What had been asked.</summary>
    public XsType Op { get; }

    /// <summary>Of which node, where the request names one.</summary>
    public string? Path { get; }

    /// <summary>The server's word.</summary>
    public XsError Error { get; }
}

/// <summary>The connection to xenstored is gone: the server ended, broke the protocol, or the client was disposed.</summary>
/// <remarks>Every request in flight ends with it. Whether such a request was carried out is not known.</remarks>
public sealed class XenstoreConnectionException : IOException
{
    /// <summary>With a reason in words.</summary>
    public XenstoreConnectionException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
