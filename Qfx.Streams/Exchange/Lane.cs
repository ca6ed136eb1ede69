using Qfx.Xen.Domains;

namespace Qfx.Streams.Exchange;

/// <summary>Commands in the same lane are carried out one after the other; lanes run side by side.</summary>
public abstract record Lane
{
    private Lane()
    {
    }

    /// <summary>The disks of one domain.</summary>
    public sealed record Devices(Domid Domid) : Lane;

    /// <summary>The image of one pendrive.</summary>
    public sealed record Image(PendriveId Id) : Lane;

    /// <summary>The status key of one domain. Only the newest status that waits here is written.</summary>
    public sealed record StatusKey(Domid Domid) : Lane;

    /// <summary>The person: one question at a time, in the order of asking.</summary>
    public sealed record Dialog : Lane;

    /// <summary>The journal.</summary>
    public sealed record Journal : Lane;

    /// <summary>The making of disposable VMs: one at a time.</summary>
    public sealed record Disposables : Lane;

    /// <summary>What is kept of disposable VMs on disk.</summary>
    public sealed record Records : Lane;

    /// <summary>The host's list of VMs.</summary>
    public sealed record VmDatabase : Lane;

    /// <summary>What the person is told without being asked.</summary>
    public sealed record Notices : Lane;
}
