namespace Qfx.Streams.Exchange;

/// <summary>How far a disposable VM is: a closed set, in this order. docs/protocol.md, "Disposable VM".</summary>
public abstract record DvmStage
{
    private DvmStage()
    {
    }

    /// <summary>From the look at the savefile until the VM is seen in xenstore: one at a time.</summary>
    public bool IsMaking => this is Looking or Updating or AskingMemory or Restoring or Recording or Unpausing or Entering or Appearing;

    /// <summary>Another one is being made.</summary>
    public sealed record Queued : DvmStage;

    /// <summary>Is the savefile fresh?</summary>
    public sealed record Looking : DvmStage;

    /// <summary>The savefile is made anew.</summary>
    public sealed record Updating : DvmStage;

    /// <summary>The memory manager is asked.</summary>
    public sealed record AskingMemory : DvmStage;

    /// <summary>It is restored.</summary>
    public sealed record Restoring : DvmStage;

    /// <summary>What it may do is written to disk.</summary>
    public sealed record Recording : DvmStage;

    /// <summary>It was restored paused and is let run.</summary>
    public sealed record Unpausing : DvmStage;

    /// <summary>The VM database gets it.</summary>
    public sealed record Entering : DvmStage;

    /// <summary>It is not seen in xenstore yet.</summary>
    public sealed record Appearing : DvmStage;

    /// <summary>Made ahead and paused, for whoever asks next.</summary>
    public sealed record Ready : DvmStage;

    /// <summary>Its file is on the way to it.</summary>
    public sealed record Loading : DvmStage;

    /// <summary>It has had its file.</summary>
    public sealed record Running : DvmStage;

    /// <summary>It is being destroyed.</summary>
    public sealed record Ending : DvmStage;

    /// <summary>It has done its work, and is kept for who wants to look into it. It may do nothing.</summary>
    public sealed record Kept : DvmStage;

    /// <summary>It is gone; its entry in the VM database is being removed.</summary>
    public sealed record Clearing : DvmStage;

    /// <summary>Nothing of it is left but its reply, which is on its way, and its record on disk.</summary>
    public sealed record Outlived : DvmStage;
}
