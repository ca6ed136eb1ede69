namespace Qfx.Streams.Requests;

/// <summary>The code word in a guest's status key. docs/protocol.md, "Status codes", has what each means to a guest.</summary>
public enum StatusCode
{
#pragma warning disable CS1591 // the table in docs/protocol.md describes each
    Ready,
    Attached,
    Asking,
    Waiting,
    Sent,
    Received,
    NotReceived,
    Detached,
    Cancelled,
    Denied,
    Busy,
    BadRequest,
    TooLong,
    NotText,
    NotAscii,
    UnknownRequest,
    MissingWord,
    SurplusWord,
    BadNumber,
    BadName,
    SameVm,
    NotDom0,
    NoSuchVm,
    NoPendrive,
    SlotInUse,
    NoSpace,
    TimedOut,
    Restarted,
    Unsupported,
    Failed,
#pragma warning restore CS1591
}

/// <summary>The words themselves.</summary>
public static class StatusCodes
{
    /// <summary>As it stands in the key: lower case, words joined by hyphens.</summary>
    public static string Word(this StatusCode code) => code switch
    {
        StatusCode.Ready => "ready",
        StatusCode.Attached => "attached",
        StatusCode.Asking => "asking",
        StatusCode.Waiting => "waiting",
        StatusCode.Sent => "sent",
        StatusCode.Received => "received",
        StatusCode.NotReceived => "not-received",
        StatusCode.Detached => "detached",
        StatusCode.Cancelled => "cancelled",
        StatusCode.Denied => "denied",
        StatusCode.Busy => "busy",
        StatusCode.BadRequest => "bad-request",
        StatusCode.TooLong => "too-long",
        StatusCode.NotText => "not-text",
        StatusCode.NotAscii => "not-ascii",
        StatusCode.UnknownRequest => "unknown-request",
        StatusCode.MissingWord => "missing-word",
        StatusCode.SurplusWord => "surplus-word",
        StatusCode.BadNumber => "bad-number",
        StatusCode.BadName => "bad-name",
        StatusCode.SameVm => "same-vm",
        StatusCode.NotDom0 => "not-dom0",
        StatusCode.NoSuchVm => "no-such-vm",
        StatusCode.NoPendrive => "no-pendrive",
        StatusCode.SlotInUse => "slot-in-use",
        StatusCode.NoSpace => "no-space",
        StatusCode.TimedOut => "timed-out",
        StatusCode.Restarted => "restarted",
        StatusCode.Unsupported => "unsupported",
        StatusCode.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "no word for this code"),
    };

    /// <summary>Whether a request with this status is still open: a person, or another VM, has yet to say something.</summary>
    public static bool IsOpen(this StatusCode code) => code is StatusCode.Asking or StatusCode.Waiting;
}
