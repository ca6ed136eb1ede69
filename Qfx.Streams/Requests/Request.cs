using Qfx.Streams.Domains;

namespace Qfx.Streams.Requests;

/// <summary>What a guest can ask for through its qpen key: a closed set. docs/protocol.md, "Requests".</summary>
public abstract record Request
{
    private Request()
    {
    }

    /// <summary><c>new [raw] [MIB]</c>: a blank pendrive at xvdg.</summary>
    /// <param name="MiB">Its size; null for the configured one.</param>
    /// <param name="Raw">All zeros instead of a file system.</param>
    public sealed record New(int? MiB, bool Raw) : Request;

    /// <summary><c>send NAME [SEQ]</c>: the pendrive at xvdg is to go to another VM.</summary>
    /// <param name="To">Who is to have it.</param>
    /// <param name="Seq">Counts only from a disposable VM.</param>
    public sealed record Send(VmName To, int? Seq) : Request;

    /// <summary><c>send @ask</c>: the person chooses the receiver.</summary>
    public sealed record SendAsk : Request;

    /// <summary><c>send disposable SEQ [view]</c>: a disposable VM is to open what is on the pendrive.</summary>
    /// <param name="Seq">1 … 2³¹−1, the guest's own count.</param>
    /// <param name="ViewOnly">No reply is wanted.</param>
    public sealed record SendDisposable(int Seq, bool ViewOnly) : Request;

    /// <summary><c>umount [ok|failed]</c>: the receiver is done with the pendrive at xvdh.</summary>
    /// <param name="Received">Whether everything was taken; null where the guest does not say.</param>
    public sealed record Umount(bool? Received) : Request;

    /// <summary><c>killme</c>: a disposable VM has done its work.</summary>
    public sealed record KillMe : Request;

    /// <summary><c>cancel</c>: the question ends and the pendrive at xvdg goes.</summary>
    public sealed record Cancel : Request;

    /// <summary>What is no request.</summary>
    /// <param name="Code">Says what is wrong, for the status key.</param>
    /// <param name="Reason">The same in words; nothing of the guest's text is in it.</param>
    /// <param name="Quoted">The guest's text, bounded and escaped, for the journal alone.</param>
    public sealed record Malformed(StatusCode Code, string Reason, string Quoted) : Request;
}
