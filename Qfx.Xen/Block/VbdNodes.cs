using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Block;

/// <summary>Where a virtual block device stands in xenstore. xenstore-paths.pandoc, "Paravirtual Device Paths"; the backend is in dom0.</summary>
public static class VbdNodes
{
    /// <summary>Where dom0's ends are: <c>/local/domain/0/backend/vbd</c>, a folder a domain.</summary>
    public static readonly XsPath Backends = XsPath.Home(Domid.Zero) / "backend/vbd";

    /// <summary>The domain's end: <c>/local/domain/N/device/vbd/V</c>. The domain can write anything here.</summary>
    public static XsPath Frontend(Domid domid, Vdev vdev) => XsPath.Home(domid) / $"device/vbd/{vdev}";

    /// <summary>dom0's end: <c>/local/domain/0/backend/vbd/N/V</c>.</summary>
    public static XsPath Backend(Domid domid, Vdev vdev) => Backends / $"{domid}/{vdev}";

    /// <summary>Where libxl keeps what it needs to know of a domain: <c>/libxl/N</c>. Not there under another toolstack.</summary>
    public static XsPath Toolstack(Domid domid) => XsPath.Root / $"libxl/{domid}";

    /// <summary>libxl's own record of the disk: <c>/libxl/N/device/vbd/V</c>.</summary>
    public static XsPath Record(Domid domid, Vdev vdev) => Toolstack(domid) / $"device/vbd/{vdev}";

    /// <summary>Where dom0's kernel says why its end does not work. Linux, drivers/xen/xenbus/xenbus_client.c.</summary>
    public static XsPath Error(Domid domid, Vdev vdev) => XsPath.Home(Domid.Zero) / $"error/backend/vbd/{domid}/{vdev}";
}
