using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <summary>One disposable VM, from the request for it until nothing of it is left.</summary>
/// <param name="Id">Which one.</param>
/// <param name="For">Who asked for it; null for one that is made ahead.</param>
/// <param name="Stage">How far it is.</param>
public sealed record Dvm(DvmId Id, DvmRequest? For, DvmStage Stage)
{
    /// <summary>The domain, under the name that its restore gave it; null while there is none.</summary>
    public Party? Vm { get; init; }

    /// <summary>The VM that its savefile was taken of.</summary>
    public VmName? SavedFrom { get; init; }

    /// <summary>Its savefile, and the label that it was restored under.</summary>
    public SavefileSeen? Savefile { get; init; }

    /// <summary>It was restored without running.</summary>
    public bool Paused { get; init; }

    /// <summary>Its one reply has begun: the pendrive that it is on.</summary>
    public PendriveId? Reply { get; init; }

    /// <summary>Its one reply has been taken, or is being taken.</summary>
    public bool Used { get; init; }

    /// <summary>Who asked for it is gone.</summary>
    public bool Orphaned { get; init; }

    /// <summary>What is kept of it on disk, so that a daemon that is started anew knows what it may do.</summary>
    /// <exception cref="InvalidOperationException">It has no domain yet.</exception>
    public DvmRecord Record() => Vm is { } vm
        ? new(vm, For is { } f ? new(f.Requester, f.Seq, f.ViewOnly) : null, Used, Reply) { Opens = For?.Pendrive }
        : throw new InvalidOperationException($"{Id} has no domain.");
}

/// <summary>What a VM asked for with <c>send disposable</c>.</summary>
/// <param name="Requester">Who asked.</param>
/// <param name="N">Its request.</param>
/// <param name="Seq">Its own number for it; the reply has to bear it.</param>
/// <param name="ViewOnly">No reply is allowed.</param>
/// <param name="Pendrive">What the disposable VM is to open.</param>
public sealed record DvmRequest(Party Requester, int N, int Seq, bool ViewOnly, PendriveId Pendrive);

/// <summary>The savefile as it was found, and the label of who asks.</summary>
/// <param name="Fresh">False: it is older than what it was made of, or missing.</param>
/// <param name="Stamp">Another one for another savefile.</param>
/// <param name="Label">1 to 8; a VM is restored under a label and keeps it.</param>
public sealed record SavefileSeen(bool Fresh, string Stamp, int Label);

/// <summary>What is kept of a disposable VM on disk.</summary>
/// <param name="Vm">The domain.</param>
/// <param name="Allowed">The one reply that it may send, and to whom; null for one that is ready for nobody yet.</param>
/// <param name="Used">Its reply has been taken.</param>
/// <param name="Reply">The pendrive that the reply is on, as long as that has not been taken by the requester.</param>
public sealed record DvmRecord(Party Vm, DvmAllowance? Allowed, bool Used, PendriveId? Reply)
{
    /// <summary>The pendrive that it is to open, as long as there is one: where that is says whether it has had its file.</summary>
    public PendriveId? Opens { get; init; }

    /// <summary>Found after a restart: it does not let go of its reply.</summary>
    public bool IsStuck { get; init; }
}

/// <summary>What a disposable VM was made for.</summary>
/// <param name="Requester">Who asked.</param>
/// <param name="Seq">Its number for it.</param>
/// <param name="ViewOnly">No reply is allowed.</param>
public sealed record DvmAllowance(Party Requester, int Seq, bool ViewOnly);
