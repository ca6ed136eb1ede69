namespace Qfx.Xen.Block;

/// <summary>Where one end of a device is. xen/include/public/io/xenbus.h; the <c>state</c> node, in decimal.</summary>
public enum XenbusState
{
#pragma warning disable CS1591 // the names are Xen's and say it
    Unknown = 0,
    Initialising = 1,
    InitWait = 2,
    Initialised = 3,
    Connected = 4,
    Closing = 5,
    Closed = 6,
    Reconfiguring = 7,
    Reconfigured = 8,
#pragma warning restore CS1591
}
