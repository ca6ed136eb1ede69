using System.Collections.Immutable;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Marbles;

/// <summary>A story about VMs, a person and the disks, drawn as rows: what happens, and what is to come of it.</summary>
/// <remarks>
/// Rows in, <c>name : marbles</c>. A VM's row has its requests and its fate: the letters of <see cref="StoryLetters.Requests"/>, or of the
/// legend, and of <see cref="StoryLetters.Fates"/>; a VM without a B or an A is there from the start. The row <c>person</c> has <c>y</c> and
/// <c>n</c> for the question on the screen, <c>1</c> for the first of whom can be chosen. The row <c>policy</c> has letters of the legend, for new
/// policies.
/// Rows out, <c>name > marbles</c>. A VM's row has the statuses it reads, by <see cref="StoryLetters.OfStatus"/>. The row <c>disks</c> has what
/// is begun, by <see cref="StoryLetters.OfDisk"/>, <c>screen</c> what the person is asked, <c>notices</c> what the person is told, by
/// <see cref="StoryLetters.OfNotice"/>, <c>dvms</c> the steps of disposable VMs, whose own rows are named disp1, disp2 and so on. Every VM that reads a status has such a row.
/// The row <c>admin</c> has the administrator's orders, by <see cref="StoryLetters.Orders"/>.
/// The row <c>daemon</c> has <c>s</c> for its start after an earlier run, and <c>c</c> for a savefile that somebody else makes anew.
/// Settings: <c>frame</c>, what a character is (10 ms), the times <c>question</c>, <c>unshown</c>, <c>quiet</c>, <c>waiting</c>, <c>detach</c>, <c>effect</c>
/// of docs/configuration.md, and <c>reveal_names = yes</c>; <c>slow = attach xvdh 4</c>, <c>hang = make</c> are about the next such effect.
/// </remarks>
/// <param name="Text">As it was read.</param>
/// <param name="Frame">A frame lasts so long.</param>
/// <param name="Rows">In the order of the text.</param>
/// <param name="Legend">What its letters stand for, where it says so.</param>
/// <param name="Settings">Of the rules.</param>
/// <param name="Edge">What is to go wrong outside.</param>
public sealed record Story(
    MarbleText Text,
    TimeSpan Frame,
    ImmutableArray<StoryRow> Rows,
    ImmutableDictionary<char, string> Legend,
    ExchangeSettings Settings,
    ImmutableArray<Action<VirtualEdge>> Edge)
{
    /// <summary>A character is so long, unless the story says otherwise.</summary>
    public static readonly TimeSpan DefaultFrame = TimeSpan.FromMilliseconds(10);

    /// <summary>The policy of a story that has none: the person is asked about every copy; the rest is allowed.</summary>
    public static Policy.Policy AskAlways { get; } = PolicyOf("qfx.Copy * @anyvm @anyvm ask\n* * @anyvm @anyvm allow");

    private const int MostRows = 4_000;

    /// <summary>The first remark; empty if there is none.</summary>
    public string Title => Text.Remarks.FirstOrDefault() ?? "";

    /// <summary>The rows that go in.</summary>
    public IEnumerable<StoryRow> In => Rows.Where(r => r.In);

    /// <summary>The VMs of the story, in order.</summary>
    public IEnumerable<string> Vms => In.Select(r => r.Name).Where(IsVm);

    /// <summary>The story ends with this frame: one after its longest row.</summary>
    public long LastFrame => Rows.Max(r => r.Row.End);

    /// <summary>Reads a story.</summary>
    /// <param name="text">Its lines.</param>
    /// <param name="settings">Of the rules, before the story's own.</param>
    /// <param name="more">Letters for requests beside those of its legend.</param>
    /// <exception cref="MarbleException">Points at the line and the column.</exception>
    public static Story Parse(string text, ExchangeSettings? settings = null, IReadOnlyDictionary<char, string>? more = null)
    {
        var read = MarbleText.Parse(text);
        var rules = settings ?? new();
        var told = StorySettings.Read(read.Settings, rules.Policy.Missing is null ? rules : rules with { Policy = AskAlways });
        var syntax = new MarbleSyntax { Frame = told.Frame, MoreValues = StoryLetters.MoreValues };
        var legend = read.Legend;
        foreach (var (letter, request) in more ?? ImmutableDictionary<char, string>.Empty) legend = legend.SetItem(letter, request);
        if (read.Rows.Length is 0 or > MostRows) throw new MarbleException($"a story has rows, and no more than {MostRows}", "", 0);
        var rows = read.Rows.Select(row => new StoryRow(row.Name, row.In, row.Read(syntax))).ToImmutableArray();
        var story = new Story(read, told.Frame, rows, legend, told.Rules, told.Edge);
        foreach (var (row, at) in rows.Zip(read.Rows)) story.Check(row, at, syntax);
        return story;
    }

    /// <summary>Whether a letter of a VM's row is its beginning.</summary>
    public bool Begins(char letter) => StoryLetters.Beginnings.Contains(letter, StringComparison.Ordinal) && !Legend.ContainsKey(letter);

    /// <summary>A letter of a row that goes in, in words.</summary>
    public string? MeaningIn(string row, char letter) => row == "person"
        ? StoryLetters.Answers.GetValueOrDefault(letter)
        : row == "daemon" ? StoryLetters.Daemon.GetValueOrDefault(letter)
        : row == "admin" ? StoryLetters.Orders.GetValueOrDefault(letter)
        : Legend.GetValueOrDefault(letter) ?? StoryLetters.Fates.GetValueOrDefault(letter) ?? StoryLetters.Requests.GetValueOrDefault(letter);

    private static bool IsVm(string name) => name is not ("person" or "policy" or "daemon" or "admin");

    /// <summary>A row that comes out without one of its name that goes in.</summary>
    private static bool IsOut(string name) => name is "screen" or "notices" or "disks" or "dvms" || VirtualDisposables.Makes(name);

    /// <exception cref="FormatException">The lines are no policy.</exception>
    internal static Policy.Policy PolicyOf(string lines) =>
        Policy.PolicyParser.Parse([new("a.policy", lines)]).Policy ?? throw new FormatException($"what this letter stands for is no policy: {lines}");

    private void Check(StoryRow row, MarbleTextRow text, MarbleSyntax syntax)
    {
        if (row.Row.End == 0) throw text.BadName("a row in which nothing happens says so with a '-'");
        if (row.Row.End * Frame.Ticks / Frame.Ticks != row.Row.End || row.Row.End > TimeText.Longest / Frame) throw text.BadName("no story lasts that long");
        if (!row.In && !IsOut(row.Name) && !Rows.Any(r => r.In && r.Name == row.Name)) throw text.BadName("nothing of this name is in the story");
        if (row.In && IsVm(row.Name) && !Domains.VmName.TryParse(row.Name, out _)) throw text.BadName("no VM can have this name");
        var first = row.In && IsVm(row.Name) && !VirtualDisposables.Makes(row.Name)
            ? row.Row.Marks().Where(m => Begins(m.Mark)).Select(m => m.Frame).DefaultIfEmpty(0).Min() : 0;
        foreach (var (frame, mark) in row.Row.Marks())
        {
            if (!IsKnown(row, mark)) throw text.Bad($"'{mark}' stands for nothing in this row", syntax, frame, mark);
            if (frame < first) throw text.Bad($"'{mark}' comes before this VM is there", syntax, frame, mark);
            if (row.In && Legend.TryGetValue(mark, out var words) && Fault(row.Name, words) is { } fault) throw text.Bad(fault, syntax, frame, mark);
        }
    }

    private bool IsKnown(StoryRow row, char mark) => (row.In, row.Name) switch
    {
        (true, "person") => StoryLetters.Answers.ContainsKey(mark),
        (true, "policy") => Legend.ContainsKey(mark),
        (true, "daemon") => StoryLetters.Daemon.ContainsKey(mark),
        (true, "admin") => StoryLetters.Orders.ContainsKey(mark),
        (true, _) => Legend.ContainsKey(mark) || StoryLetters.Fates.ContainsKey(mark) || StoryLetters.Requests.ContainsKey(mark),
        _ => StoryLetters.Meaning(row.Name, mark) is not null,
    };

    /// <summary>What is wrong with what a letter stands for in a row.</summary>
    private static string? Fault(string row, string words)
    {
        try
        {
            if (row == "policy") PolicyOf(words);
            else if (IsVm(row)) StorySaying.Parse(words);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}

/// <summary>One row of a story.</summary>
/// <param name="Name">Of a VM, or <c>person</c>, <c>screen</c>, <c>disks</c>.</param>
/// <param name="In">What happens, rather than what is to come of it.</param>
/// <param name="Row">When.</param>
public sealed record StoryRow(string Name, bool In, MarbleRow Row);
