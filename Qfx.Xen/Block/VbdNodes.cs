using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Block;

/// <summary>Where a virtual block device stands in xenstore. xenstore-paths.pandoc, "Paravirtual Device Paths"; the backend is in dom0.</summary>
public static class VbdNodes
{
    /// <summary>The domain's end: <c>/local/domain/N/device/vbd/V</c>. The domain can write anything here.</summary>
    public static XsPath Frontend(Domid domid, Vdev vdev) => XsPath.Home(domid) / $"device/vbd/{vdev}";

    /// <summary>dom0's end: <c>/local/domain/0/backend/vbd/N/V</c>.</summary>
    public static XsPath Backend(Domid domid, Vdev vdev) => XsPath.Home(Domid.Zero) / $"backend/vbd/{domid}/{vdev}";
}
