using Qfx.Xen.Store;

namespace Qfx.Xen.Connection;

/// <summary>The kernel refused one message of those written to its device; the next ones can still be written.</summary>
/// <param name="requestId">Of the message.</param>
/// <param name="error">The write's errno, which for WATCH is the server's word.</param>
/// <param name="taken">Bytes of whole messages that are dealt with, the refused one included.</param>
internal sealed class XenbusRefusedException(uint requestId, XsError error, int taken) : IOException($"xenbus: {error}")
{
    public uint RequestId => requestId;

    public XsError Error => error;

    public int Taken => taken;
}
