namespace Qfx.Guest;

/// <summary>What the guest's programs end with; <c>--help</c> lists them.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>It did not work; the message says why.</summary>
    Failed = 1,

    /// <summary>The words on the command line are off.</summary>
    Usage = 2,

    /// <summary>dom0, or the person at the screen, said no.</summary>
    Refused = 3,

    /// <summary>Nothing came from dom0 in time.</summary>
    NoAnswer = 4,

    /// <summary>Another of these programs is at work in this VM.</summary>
    Busy = 5,

    /// <summary>This program does not do that.</summary>
    Unsupported = 6,

    /// <summary>Something cannot be sent as it is; nothing was asked. The message names it, and what can be done.</summary>
    Unsendable = 7,

    /// <summary>A move: the receiver did not say that it has everything, or something was not deleted here.</summary>
    NotReceived = 8,

    /// <summary>Ended by Ctrl-C or SIGTERM; nothing was left behind.</summary>
    Interrupted = 130,
}
