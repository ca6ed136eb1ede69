using Qfx.Xen.Domains;

namespace Qfx.Streams.Domains;

/// <summary>One life of one VM: a reboot gives a new domid under the same uuid, a reused domid another uuid.</summary>
/// <param name="Domid">While it lives, no other domain bears it.</param>
/// <param name="Uuid">The last part of what <c>/local/domain/N/vm</c> says; empty where the toolstack wrote none.</param>
public readonly record struct DomainIdentity(Domid Domid, string Uuid)
{
    /// <summary>The domid: identities are compared, not shown.</summary>
    public override string ToString() => Domid.ToString();
}

/// <summary>A domain that runs, as xenstore has it.</summary>
/// <param name="Identity">Which one.</param>
/// <param name="Name">Null while it has none, and for a name under which no VM may take part.</param>
/// <param name="RanBefore">It was there when this program first looked: what lies in its keys was meant for somebody else.</param>
public sealed record Domain(DomainIdentity Identity, VmName? Name, bool RanBefore)
{
    /// <summary>The key of the directory.</summary>
    public Domid Domid => Identity.Domid;
}
