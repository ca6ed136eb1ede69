using System.Collections.Immutable;

namespace Qfx.Daemon.Logging;

/// <summary>What stands behind a message, and what to do.</summary>
/// <param name="Subject">A few words.</param>
/// <param name="Text">Whole sentences: what has happened, and what the administrator can do.</param>
internal sealed record Explanation(string Subject, string Text);

/// <summary>One for each message of <see cref="DaemonLog"/>, by its number: for <c>journalctl -x</c>, and docs/messages.md.</summary>
internal static class Explanations
{
    public static ImmutableSortedDictionary<int, Explanation> All { get; } = new Dictionary<int, Explanation>
    {
        [1001] = new("The daemon has started", "It serves the VMs of this host. Nothing is to be done."),
        [1002] = new("The daemon has stopped", "It was told to. Pendrives that are attached stay attached; until it runs again no request is answered."),
        [1003] = new("Images of an earlier run were removed", "They belonged to nobody: what could be gone on with was, see the message about that."),
        [1004] = new("The daemon cannot go on",
            "The reason is in the message. If xenstored is gone, start it and then the daemon; if the spool cannot be used, see to the folder and its disk; "
            + "`qfilexchgd doctor` looks at both."),
        [1005] = new("Images of an earlier run are still held", "Their VMs have not let go of the disk. Unmount it there, or end the VM; the image goes at the next start."),
        [1006] = new("A record of a disposable VM is broken",
            "It does not say whose the VM is, so it gets nothing and its reply is refused. Save by hand what is needed in it, then end it; the file may be removed afterwards."),
        [1007] = new("The configuration was read again", "What the message names holds from now on; what had begun keeps the time that it was given."),
        [1008] = new("The configuration has a fault", "Mend the file that is named; `qfilexchgd config check` says the same before a reload."),
        [1009] = new("The configuration was not taken over", "It has the faults of the messages before this one. The daemon goes on with what it had."),
        [1010] = new("The policy was read", "Its lines decide from now on. `qfilexchgd policy check SOURCE TARGET` says which one."),
        [1011] = new("The policy has a fault", "Mend the line that is named; `qfilexchgd policy lint` looks at all of them."),
        [1012] = new("The policy before stays in force", "The files have the faults of the messages before this one. Nothing that was allowed is denied, and nothing that was denied allowed."),
        [1013] = new("There is no policy, so everything is denied", "Put one into the folder that is named, such as 90-default.policy of the package. It is taken over at once."),
        [1014] = new("A setting waits for the next start", "It cannot change while the daemon runs: restart the daemon when it suits. Pendrives that are attached stay attached."),
        [1015] = new("There is no control socket",
            "VMs are served all the same, but `qfilexchgd status` and its like cannot ask. See to the folder that is named, or set [control] socket, and restart the daemon."),
        [1016] = new("The daemon goes on with what an earlier run left", "VMs keep the pendrives that they have; who was approved and had not got one yet gets it. `qfilexchgd pendrives` lists them."),
        [1017] = new("An approval could not be written down", "The spool is full or broken: see the message before this one, and make room. The pendrive goes on; it would not survive a restart of the daemon."),
        [1018] = new("A disposable VM of an earlier run is ended", "The daemon was ended right after it was made. It has been given no file; whoever asked for it has its pendrive still, and asks again."),
        [1019] = new("A deleted image was not overwritten", "No VM can have it any more, and it still takes its part of the spool. See to the disk; the next start tries again, or overwrite and remove the file by hand."),
        [1020] = new("What is taken cannot be noted", "See to the folder of the control socket: it belongs into memory, as /run is. Requests are carried out all the same; one that is taken just before the daemon is killed would get no answer from the next one. Said once."),
        [2001] = new("An effect has begun", "Shown with --verbose, for who looks for what takes long."),
        [2002] = new("An effect has ended", "Shown with --verbose, for who looks for what takes long."),
        [2003] = new("A deleted image was overwritten", "Shown with --verbose, where [spool] overwrite is set."),
        [2004] = new("A restored VM may have a dead disk", "It was saved with a pendrive, and its kernel could not be told that the disk is gone. A pendrive that is asked for there fails once; the next one works."),
        [3001] = new("A request was carried out", "Nothing is to be done."),
        [3002] = new("A request was refused", "The code says why (qfilexchgd's protocol, Status codes). Nothing is to be done unless it should have been allowed."),
        [3003] = new("A transfer has failed",
            "The text says what went wrong and where the file is: a sender keeps its own until the receiver has it. If a VM does not let go of a disk, "
            + "unmount it there, or end the VM."),
        [3010] = new("A decision", "Who asked, whom for, what was decided, by which line of the policy or by whom, and how long it took: the audit."),
        [3011] = new("The person could not be told", "Nobody is logged in at the active seat, or notify-send failed. The transfer does not depend on it."),
        [3012] = new("A question waits", "It is shown as soon as there is somebody to show it to; after an hour unseen it ends as a no."),
        [3013] = new("A question is shown", "It stays until it is answered, or five minutes."),
        [3014] = new("A question is shown again", "What showed it ended without an answer. If it happens often, see whether the dialog's program works in that session."),
        [3015] = new("The screen cannot be seen",
            "The daemon could not look whether the question is on the screen yet, so an answer counts later than it would. If it stays so, see the reason: "
            + "the display may not let dom0's root in."),
        [4001] = new("A status could not be written", "The VM does not learn how its request went. If it ended in the meantime, nothing is to be done; else look at xenstored's limits."),
        [4002] = new("xenstored is not there", "Nothing is taken for dead and nothing is deleted meanwhile. If it is not back within seconds, look at xenstored."),
        [4003] = new("xenstored is there again", "Everything is watched again and read anew. Nothing is to be done."),
    }.ToImmutableSortedDictionary();
}
