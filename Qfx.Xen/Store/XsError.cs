namespace Qfx.Xen.Store;

/// <summary>What xenstored says when it says no. The wire carries the name; one that is not listed here is kept as it came.</summary>
/// <remarks>xen/include/public/io/xs_wire.h, xsd_errors.</remarks>
public readonly record struct XsError(string Name)
{
    /// <summary>The request is malformed, or may not be made of this node.</summary>
    public static readonly XsError EINVAL = new("EINVAL");

    /// <summary>The caller has no right to this node or request.</summary>
    public static readonly XsError EACCES = new("EACCES");

    /// <summary>It is there already.</summary>
    public static readonly XsError EEXIST = new("EEXIST");

    /// <summary>Something removed cannot be removed now.</summary>
    public static readonly XsError EISDIR = new("EISDIR");

    /// <summary>No such node, watch, domain or transaction.</summary>
    public static readonly XsError ENOENT = new("ENOENT");

    /// <summary>The server is out of memory.</summary>
    public static readonly XsError ENOMEM = new("ENOMEM");

    /// <summary>A quota is used up.</summary>
    public static readonly XsError ENOSPC = new("ENOSPC");

    /// <summary>The server's own trouble.</summary>
    public static readonly XsError EIO = new("EIO");

    /// <summary>The node has children.</summary>
    public static readonly XsError ENOTEMPTY = new("ENOTEMPTY");

    /// <summary>The server does not know this request.</summary>
    public static readonly XsError ENOSYS = new("ENOSYS");

    /// <summary>The server's tree is read-only.</summary>
    public static readonly XsError EROFS = new("EROFS");

    /// <summary>Busy.</summary>
    public static readonly XsError EBUSY = new("EBUSY");

    /// <summary>The transaction met another one: try it again.</summary>
    public static readonly XsError EAGAIN = new("EAGAIN");

    /// <summary>The domain is connected already.</summary>
    public static readonly XsError EISCONN = new("EISCONN");

    /// <summary>The answer does not fit, or a quota of a number is used up.</summary>
    public static readonly XsError E2BIG = new("E2BIG");

    /// <summary>Only the owner, or dom0, may do that.</summary>
    public static readonly XsError EPERM = new("EPERM");

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
