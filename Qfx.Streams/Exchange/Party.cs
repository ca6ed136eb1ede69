using Qfx.Streams.Domains;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Streams.Exchange;

/// <summary>A VM as it was when somebody was asked about it: this life of it, under this name.</summary>
public sealed record Party(DomainIdentity Identity, VmName Name)
{
    /// <summary>Its number.</summary>
    public Domid Domid => Identity.Domid;
}

/// <summary>Where a pendrive can be plugged: one disk of one VM.</summary>
public readonly record struct Slot(DomainIdentity Vm, Vdev Vdev);
