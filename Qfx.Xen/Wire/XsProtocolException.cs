namespace Qfx.Xen.Wire;

/// <summary>The other side sent what is no xenstore message; the connection cannot go on.</summary>
public sealed class XsProtocolException(string message) : IOException($"xenstore protocol: {message}");
