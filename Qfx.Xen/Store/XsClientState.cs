namespace Qfx.Xen.Store;

/// <summary>How a client's connection is doing.</summary>
/// <param name="Phase">Whether it can be used.</param>
/// <param name="Reason">Why it was lost or closed; null while it is connected.</param>
public sealed record XsClientState(XsClientPhase Phase, XenstoreConnectionException? Reason);

/// <summary>See <see cref="XsClientState"/>.</summary>
public enum XsClientPhase
{
    /// <summary>Requests are answered. After a loss, every watch has been registered again.</summary>
    Connected,

    /// <summary>Requests fail at once; watches wait. The client is connecting again.</summary>
    Lost,

    /// <summary>For good.</summary>
    Closed,
}
