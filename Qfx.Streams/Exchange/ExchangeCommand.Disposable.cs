using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <content>Disposable VMs. Each ends with the event of its name, or with DvmStepFailed.</content>
public abstract partial record ExchangeCommand
{
    /// <summary>A step in the life of a disposable VM.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="Step">Which step.</param>
    /// <param name="Lane">What it must not overtake.</param>
    /// <param name="Limit">Bound on the time.</param>
    public abstract record DvmEffect(DvmId Id, DvmStep Step, Lane Lane, TimeSpan? Limit) : Effect(Lane, Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => new ExchangeEvent.DvmStepFailed(Id, Step, failure);
    }

    /// <summary>Look at the savefile, and at the label of who asks. Ends with SavefileLooked.</summary>
    /// <param name="Id">For which one.</param>
    /// <param name="For">Who asks; null for one that is made ahead.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record LookAtSavefile(DvmId Id, VmName? For, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Look, new Lane.Disposables(), Limit);

    /// <summary>Make the savefile anew. Ends with SavefileUpdated.</summary>
    public sealed record UpdateSavefile(DvmId Id, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Update, new Lane.Disposables(), Limit);

    /// <summary>Ask the memory manager, and hold what it gives. Ends with MemoryGranted or MemoryRefused.</summary>
    public sealed record AskMemory(DvmId Id, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Memory, new Lane.Disposables(), Limit);

    /// <summary>Hold it no longer. Nobody waits for an outcome.</summary>
    public sealed record ReleaseMemory(DvmId Id, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Memory, new Lane.Disposables(), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }

    /// <summary>Restore one from the savefile. Ends with Restored, or MemoryRefused where nobody could say so before; what a failed one left is destroyed.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="For">Whose label it gets; null for one that is made ahead.</param>
    /// <param name="Ahead">It is to stay paused.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record Restore(DvmId Id, VmName? For, bool Ahead, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Restore, new Lane.Disposables(), Limit);

    /// <summary>Write to disk what it may do, and sync it. Ends with Recorded.</summary>
    public sealed record RecordDvm(DvmId Id, DvmRecord Text, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Record, new Lane.Records(), Limit);

    /// <summary>Delete that. Nobody waits for an outcome: a record of nobody only says that nobody may do something.</summary>
    public sealed record ForgetDvm(DvmId Id, DomainIdentity Vm, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Record, new Lane.Records(), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }

    /// <summary>Let it run. Ends with Unpaused.</summary>
    public sealed record Unpause(DvmId Id, DomainIdentity Vm, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Unpause, new Lane.Disposables(), Limit);

    /// <summary>Add it to the VM database. Ends with Entered.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="SavedFrom">The VM that its savefile was taken of.</param>
    /// <param name="For">Whose label it has.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record EnterDvm(DvmId Id, VmName Name, VmName SavedFrom, VmName For, TimeSpan? Limit)
        : DvmEffect(Id, DvmStep.Enter, new Lane.VmDatabase(), Limit);

    /// <summary>Remove it from there. Ends with EntryRemoved; one that is not there is no failure.</summary>
    public sealed record RemoveEntry(DvmId Id, VmName Name, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Remove, new Lane.VmDatabase(), Limit);

    /// <summary>End the domain at once. Ends with Destroyed; DomainGone comes by itself.</summary>
    public sealed record DestroyDvm(DvmId Id, DomainIdentity Vm, TimeSpan? Limit) : DvmEffect(Id, DvmStep.Destroy, new Lane.Devices(Vm.Domid), Limit);

    /// <summary>End a domain that is no disposable VM of ours but bears the name of one, and asked for it. Nobody waits for an outcome.</summary>
    public sealed record DestroyStranger(DomainIdentity Vm, TimeSpan? Limit) : Effect(new Lane.Devices(Vm.Domid), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }

    /// <summary>Find out whether a domain that has not been seen is dead. Ends with FoundDead, or with nothing.</summary>
    public sealed record ProveDeath(DomainIdentity Domain, TimeSpan? Limit) : Effect(new Lane.Devices(Domain.Domid), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }
}

/// <summary>The steps in the life of a disposable VM.</summary>
public enum DvmStep
{
    /// <summary>LookAtSavefile.</summary>
    Look,

    /// <summary>UpdateSavefile.</summary>
    Update,

    /// <summary>AskMemory.</summary>
    Memory,

    /// <summary>Restore.</summary>
    Restore,

    /// <summary>RecordDvm.</summary>
    Record,

    /// <summary>Unpause.</summary>
    Unpause,

    /// <summary>EnterDvm.</summary>
    Enter,

    /// <summary>RemoveEntry.</summary>
    Remove,

    /// <summary>DestroyDvm.</summary>
    Destroy,
}

/// <content>Timers of disposable VMs.</content>
public abstract partial record TimerId
{
    /// <summary>It is time to look at it again: it has not appeared, or could not be cleaned up.</summary>
    public sealed record Dvm(DvmId Id) : TimerId;

    /// <summary>A minute ago a VM asked for one.</summary>
    public sealed record Opening(long Number) : TimerId;

    /// <summary>It is time to look after the ready ones.</summary>
    public sealed record Ready : TimerId;

    /// <summary>It is time to ask again for domains that an earlier run knew.</summary>
    public sealed record Unseen : TimerId;
}
