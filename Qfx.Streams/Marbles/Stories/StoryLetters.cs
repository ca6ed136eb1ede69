using System.Collections.Immutable;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Marbles;

/// <summary>The letters of a story, each with its meaning in words.</summary>
public static class StoryLetters
{
    /// <summary>More statuses in one frame than are told apart.</summary>
    public const char Flood = '~';

    /// <summary>What stands for a value beside letters and digits.</summary>
    public const string MoreValues = "?!~";

    /// <summary>What a VM writes, unless the story's legend says otherwise.</summary>
    public static readonly ImmutableDictionary<char, string> Requests = new Dictionary<char, string>
    {
        ['n'] = "new",
        ['s'] = "send personal",
        ['w'] = "send work",
        ['t'] = "send third",
        ['u'] = "umount ok",
        ['f'] = "umount failed",
        ['q'] = "umount",
        ['c'] = "cancel",
        ['d'] = "send disposable 7",
        ['v'] = "send disposable 7 view",
        ['k'] = "killme",
        ['r'] = "send work 7",
    }.ToImmutableDictionary();

    /// <summary>What happens to a VM.</summary>
    public static readonly ImmutableDictionary<char, string> Fates = new Dictionary<char, string>
    {
        ['B'] = "boots",
        ['D'] = "dies",
        ['R'] = "reboots",
        ['O'] = "is renamed to other",
        ['A'] = "appears without a name",
        ['N'] = "gets its name",
        ['2'] = "a second one of its name appears",
        ['E'] = "the second one ends",
        ['L'] = "was there before the daemon, which owes it an answer",
        ['M'] = "was there before the daemon, and has had its answer",
    }.ToImmutableDictionary();

    /// <summary>With these a VM is there; one that has none of them is there from the start.</summary>
    public const string Beginnings = "BALM";

    /// <summary>What the person does.</summary>
    public static readonly ImmutableDictionary<char, string> Answers = new Dictionary<char, string> { ['y'] = "yes", ['n'] = "no", ['1'] = "the first", ['2'] = "the second", ['3'] = "the third" }.ToImmutableDictionary();

    /// <summary>What the administrator orders of the youngest pendrive.</summary>
    public static readonly ImmutableDictionary<char, string> Orders = new Dictionary<char, string> { ['c'] = "cancel it", ['d'] = "detach it" }.ToImmutableDictionary();

    /// <summary>What is begun with disks and images.</summary>
    public static readonly ImmutableDictionary<char, string> Disks = new Dictionary<char, string>
    {
        ['m'] = "make",
        ['g'] = "attach xvdg",
        ['G'] = "detach xvdg",
        ['a'] = "announce",
        ['h'] = "attach xvdh",
        ['H'] = "detach xvdh",
        ['x'] = "delete",
        ['k'] = "drop a dead disk",
    }.ToImmutableDictionary();

    /// <summary>What the person is asked.</summary>
    public static readonly ImmutableDictionary<char, string> Screen = new Dictionary<char, string>
    {
        ['?'] = "a question",
        ['c'] = "it closes",
    }.ToImmutableDictionary();

    /// <summary>What a VM reads, as a letter. All that is wrong with the words of a request is one.</summary>
    public static char OfStatus(StatusCode code) => code switch
    {
        StatusCode.Attached => 'A',
        StatusCode.Asking => '?',
        StatusCode.Waiting => 'W',
        StatusCode.Sent => 'S',
        StatusCode.Received => 'R',
        StatusCode.NotReceived => 'N',
        StatusCode.Detached => 'd',
        StatusCode.Cancelled => 'X',
        StatusCode.Denied => 'D',
        StatusCode.Busy => 'b',
        StatusCode.NoSuchVm => 'v',
        StatusCode.NoPendrive => 'p',
        StatusCode.SlotInUse => 'i',
        StatusCode.NoSpace => 'z',
        StatusCode.TimedOut => 'T',
        StatusCode.Restarted => '0',
        StatusCode.Failed => 'F',
        _ => '!',
    };

    /// <summary>What is begun with disks, as a letter; null for anything else.</summary>
    public static char? OfDisk(ExchangeCommand.Effect effect) => effect switch
    {
        ExchangeCommand.Make => 'm',
        ExchangeCommand.Attach { At.Vdev.Name: "xvdg" } => 'g',
        ExchangeCommand.Attach => 'h',
        ExchangeCommand.Detach { At.Vdev.Name: "xvdg" } => 'G',
        ExchangeCommand.Detach => 'H',
        ExchangeCommand.Announce => 'a',
        ExchangeCommand.Delete => 'x',
        ExchangeCommand.DropDeadDisk => 'k',
        _ => null,
    };

    /// <summary>What happens to the daemon.</summary>
    public static readonly ImmutableDictionary<char, string> Daemon = new Dictionary<char, string>
    {
        ['s'] = "starts after an earlier run",
        ['c'] = "somebody makes the savefile anew",
    }.ToImmutableDictionary();

    /// <summary>What the person is told.</summary>
    public static readonly ImmutableDictionary<char, string> Notices = new Dictionary<char, string>
    {
        ['u'] = "the savefile is updated",
        ['U'] = "it could not be",
        ['M'] = "not enough memory",
        ['F'] = "a file could not be opened",
        ['E'] = "a disposable VM ended",
        ['w'] = "a reply waits",
        ['L'] = "a reply is lost",
        ['s'] = "the receiver has the files",
        ['r'] = "the receiver has everything",
        ['n'] = "it has not taken everything",
        ['W'] = "the files wait for the receiver",
        ['t'] = "the files did not get there",
        ['g'] = "a VM does not let go",
        ['z'] = "no room for a pendrive",
        ['D'] = "refused by the policy",
        ['a'] = "allowed by the policy",
        ['v'] = "no such receiver runs",
        ['T'] = "nobody answered",
        ['i'] = "a pendrive is forgotten",
        ['!'] = "a notice without a letter",
    }.ToImmutableDictionary();

    /// <summary>The steps of disposable VMs.</summary>
    public static readonly ImmutableDictionary<char, string> Dvms = new Dictionary<char, string>
    {
        ['l'] = "look at savefile",
        ['u'] = "update it",
        ['M'] = "ask memory",
        ['R'] = "restore",
        ['w'] = "record",
        ['p'] = "let run",
        ['e'] = "enter",
        ['k'] = "destroy",
        ['K'] = "destroy a stranger",
        ['x'] = "remove entry",
        ['f'] = "forget",
    }.ToImmutableDictionary();

    /// <summary>What the person is told, as a letter.</summary>
    public static char OfNotice(NoticeKind kind) => kind switch
    {
        NoticeKind.SavefileUpdating => 'u',
        NoticeKind.SavefileUpdateFailed => 'U',
        NoticeKind.NotEnoughMemory => 'M',
        NoticeKind.DisposableFailed => 'F',
        NoticeKind.DisposableEnded => 'E',
        NoticeKind.ReplyWaits => 'w',
        NoticeKind.ReplyLost => 'L',
        NoticeKind.Sent => 's',
        NoticeKind.Received => 'r',
        NoticeKind.NotReceived => 'n',
        NoticeKind.Waits => 'W',
        NoticeKind.TransferFailed => 't',
        NoticeKind.NotLetGo => 'g',
        NoticeKind.NoRoom => 'z',
        NoticeKind.RefusedByPolicy => 'D',
        NoticeKind.AllowedByPolicy => 'a',
        NoticeKind.RefusedNoReceiver => 'v',
        NoticeKind.Unanswered => 'T',
        NoticeKind.PendriveForgotten => 'i',
        _ => '!',
    };

    /// <summary>A letter of a row that comes out, in words.</summary>
    public static string? Meaning(string row, char letter) => row switch
    {
        "disks" => Disks.GetValueOrDefault(letter),
        "screen" => Screen.GetValueOrDefault(letter),
        "notices" => Notices.GetValueOrDefault(letter),
        "dvms" => Dvms.GetValueOrDefault(letter),
        _ when letter == Flood => "many at once",
        _ when letter == '!' => "what it wrote is no request",
        _ => Enum.GetValues<StatusCode>().Where(code => OfStatus(code) == letter).Select(code => code.Word()).FirstOrDefault(),
    };
}
