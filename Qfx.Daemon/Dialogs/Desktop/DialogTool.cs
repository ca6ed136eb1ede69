using System.Net;
using Qfx.Daemon.Processes;
using Qfx.Streams.Domains;

namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>What a tool's end means.</summary>
/// <param name="Kind">Yes or no, or that it showed nothing.</param>
/// <param name="Chosen">Of a list.</param>
internal readonly record struct ToolReply(ReplyKind Kind, VmName? Chosen = null);

/// <summary>See <see cref="ToolReply"/>.</summary>
internal enum ReplyKind
{
    No,
    Yes,

    /// <summary>It did not work: it could not open the screen, or was killed.</summary>
    Broken,
}

/// <summary>A program that puts a question on a desktop. Each has its own way to keep stray keys from saying yes: docs/decisions, "The question".</summary>
internal abstract class DialogTool
{
    /// <summary>All of them, the best first.</summary>
    public static readonly IReadOnlyList<DialogTool> All = [new Zenity(), new Yad(), new KDialog()];

    /// <summary>The program's name.</summary>
    public abstract string Name { get; }

    /// <summary>The one of this name; for <c>auto</c> the first that is installed.</summary>
    /// <exception cref="NoDialogToolException">There is none.</exception>
    public static DialogTool Find(string name) =>
        All.FirstOrDefault(tool => name == "auto" ? ProcessRunner.Find(tool.Name) is not null : tool.Name == name)
        ?? throw new NoDialogToolException();

    /// <summary>A question for yes or no.</summary>
    public abstract IReadOnlyList<string> Ask(QuestionText text, string? label);

    /// <summary>A list, whose first entry is nobody.</summary>
    public abstract IReadOnlyList<string> Choose(QuestionText text, string? label, IReadOnlyList<string> names);

    /// <summary>What its end means.</summary>
    public abstract ToolReply Read(ProcessResult result, bool choosing);

    protected static ToolReply Chosen(string output) => VmName.TryParse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()?.Trim().TrimEnd('|'), out var name)
        ? new(ReplyKind.Yes, name) : new(ReplyKind.No);

    /// <summary>For tools that show Pango markup. ASCII alone: in a session without UTF-8 they refuse anything else.</summary>
    protected static string Markup(QuestionText text, string? label) => string.Join("\n\n",
    [
        $"<b>{WebUtility.HtmlEncode(text.First)}</b>",
        .. text.More.Select(WebUtility.HtmlEncode),
        .. label is null ? Array.Empty<string>() : [$"Its label: <span foreground=\"{Colour(label)}\">&#x25A0;</span> {WebUtility.HtmlEncode(label)}"],
    ]);

    /// <summary>For tools that do not.</summary>
    protected static string Plain(QuestionText text, string? label) =>
        string.Join("\n\n", [text.First, .. text.More, .. label is null ? Array.Empty<string>() : [$"Its label: {label}"]]);

    /// <summary>Those of Qubes' labels; grey for any other.</summary>
    private static string Colour(string label) => label switch
    {
        "red" => "#cc0000",
        "orange" => "#f57900",
        "yellow" => "#edd400",
        "green" => "#5fa05e",
        "blue" => "#3465a4",
        "purple" => "#b83374",
        "black" => "#000000",
        _ => "#888888",
    };

    private sealed class Zenity : DialogTool
    {
        public override string Name => "zenity";

        public override IReadOnlyList<string> Ask(QuestionText text, string? label) =>
        [
            "--question", $"--title={text.Title}", $"--text={Markup(text, label)}", $"--ok-label={QuestionText.Yes}", $"--cancel-label={QuestionText.No}",
            "--default-cancel", "--width=480",
        ];

        public override IReadOnlyList<string> Choose(QuestionText text, string? label, IReadOnlyList<string> names) =>
        [
            "--list", "--radiolist", $"--title={text.Title}", $"--text={Markup(text, label)}", "--column=", "--column=VM", "--hide-header", "--print-column=2",
            $"--ok-label={QuestionText.Yes}", $"--cancel-label={QuestionText.No}", "--width=480", "--height=420",
            "TRUE", QuestionText.Nobody, .. names.SelectMany(name => new[] { "FALSE", name }),
        ];

        public override ToolReply Read(ProcessResult result, bool choosing) => result.Exit switch
        {
            0 => choosing ? Chosen(result.Output) : new(ReplyKind.Yes),
            1 => new(ReplyKind.No),
            _ => new(ReplyKind.Broken),
        };
    }

    private sealed class Yad : DialogTool
    {
        /// <summary>No other end of yad has this code.</summary>
        private const int YesCode = 42;
        private const int Closed = 252;

        public override string Name => "yad";

        public override IReadOnlyList<string> Ask(QuestionText text, string? label) =>
        [
            $"--title={text.Title}", $"--text={Markup(text, label)}", "--image=dialog-question", $"--button={QuestionText.No}:1", $"--button={QuestionText.Yes}:{YesCode}",
            "--center", "--on-top", "--borders=12", "--width=480",
        ];

        public override IReadOnlyList<string> Choose(QuestionText text, string? label, IReadOnlyList<string> names) =>
        [
            "--list", "--radiolist", $"--title={text.Title}", $"--text={Markup(text, label)}", "--column=", "--column=VM", "--no-headers", "--print-column=2",
            $"--button={QuestionText.No}:1", $"--button={QuestionText.Yes}:{YesCode}", "--center", "--on-top", "--borders=12", "--width=480", "--height=420",
            "TRUE", QuestionText.Nobody, .. names.SelectMany(name => new[] { "FALSE", name }),
        ];

        public override ToolReply Read(ProcessResult result, bool choosing) => result.Exit switch
        {
            YesCode => choosing ? Chosen(result.Output) : new(ReplyKind.Yes),
            0 when choosing => new(ReplyKind.No),    // Return in the list
            1 or Closed => new(ReplyKind.No),
            _ => new(ReplyKind.Broken),
        };
    }

    /// <summary>
    /// Its first button is the default, and Escape is its last: so the first one says no, and the yes is in the middle, with a code
    /// of its own. A list prints what was chosen.
    /// </summary>
    private sealed class KDialog : DialogTool
    {
        private const string NobodyTag = "-";

        public override string Name => "kdialog";

        public override IReadOnlyList<string> Ask(QuestionText text, string? label) =>
        [
            "--title", text.Title, "--warningyesnocancel", Plain(text, label), "--yes-label", QuestionText.No, "--no-label", QuestionText.Yes,
            "--cancel-label", "Close", "--print-winid",
        ];

        public override IReadOnlyList<string> Choose(QuestionText text, string? label, IReadOnlyList<string> names) =>
        [
            "--title", text.Title, "--radiolist", Plain(text, label), NobodyTag, QuestionText.Nobody, "on",
            .. names.SelectMany(name => new[] { name, name, "off" }),
        ];

        public override ToolReply Read(ProcessResult result, bool choosing) => (choosing, result.Exit) switch
        {
            (true, 0) => Chosen(result.Output),
            (true, 1) => new(ReplyKind.No),
            (false, 1) => result.Output.Contains("winId", StringComparison.Ordinal) ? new(ReplyKind.Yes) : new(ReplyKind.Broken),
            (false, 0 or 2) => new(ReplyKind.No),
            _ => new(ReplyKind.Broken),
        };
    }
}
