using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <content>Disposable VMs.</content>
public abstract partial record ExchangeEvent
{
    /// <summary>What an earlier run left; comes once, before any domain appears. Replies have the numbers of pendrives that exist.</summary>
    public sealed record Recovered(ImmutableArray<DvmRecord> Dvms) : ExchangeEvent
    {
        /// <summary>The pendrives, without the replies that have left their disposable VMs.</summary>
        public ImmutableArray<FoundPendrive> Pendrives { get; init; } = [];
    }

    /// <summary>The server says that this domain is not there, and that its store is whole.</summary>
    public sealed record FoundDead(DomainIdentity Domain) : ExchangeEvent;

    /// <summary>LookAtSavefile is done.</summary>
    public sealed record SavefileLooked(DvmId Id, SavefileSeen Seen) : ExchangeEvent;

    /// <summary>UpdateSavefile is done.</summary>
    public sealed record SavefileUpdated(DvmId Id) : ExchangeEvent;

    /// <summary>AskMemory is done.</summary>
    public sealed record MemoryGranted(DvmId Id) : ExchangeEvent;

    /// <summary>There is not enough memory: the manager says so before a restore, or the restore itself.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="Reason">Whose word it is, for the journal.</param>
    public sealed record MemoryRefused(DvmId Id, string Reason) : ExchangeEvent;

    /// <summary>Restore is done.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="Vm">The domain and its name.</param>
    /// <param name="SavedFrom">The VM that the savefile was taken of.</param>
    /// <param name="Paused">It does not run yet.</param>
    public sealed record Restored(DvmId Id, Party Vm, VmName SavedFrom, bool Paused) : ExchangeEvent;

    /// <summary>RecordDvm is done: it is on disk.</summary>
    public sealed record Recorded(DvmId Id) : ExchangeEvent;

    /// <summary>Unpause is done.</summary>
    public sealed record Unpaused(DvmId Id) : ExchangeEvent;

    /// <summary>EnterDvm is done.</summary>
    public sealed record Entered(DvmId Id) : ExchangeEvent;

    /// <summary>DestroyDvm is done.</summary>
    public sealed record Destroyed(DvmId Id) : ExchangeEvent;

    /// <summary>RemoveEntry is done.</summary>
    public sealed record EntryRemoved(DvmId Id) : ExchangeEvent;

    /// <summary>A step is over without success.</summary>
    public sealed record DvmStepFailed(DvmId Id, DvmStep Step, Failure Failure) : ExchangeEvent;
}
