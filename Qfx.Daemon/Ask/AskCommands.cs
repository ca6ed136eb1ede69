using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Qfx.Daemon.Control;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Ask;

/// <summary>The commands that ask a daemon that runs, or order it something.</summary>
internal static class AskCommands
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static IEnumerable<Command> Create() =>
    [
        View("status", "What the daemon is doing, in a few lines.", "status", StatusAsync),
        View("domains", "The VMs that run, and what is at their xvdg and xvdh.", "domains", DomainsAsync),
        View("pendrives", "The pendrives that exist: whose, for whom, where.", "pendrives", PendrivesAsync),
        View("questions", "The questions that are open.", "questions", QuestionsAsync),
        View("dvms", "The disposable VMs, and how far each is.", "dvms", DvmsAsync),
        View("history", "The last decisions: who asked, whom for, who decided, by which line.", "history", HistoryAsync),
        Order("cancel", "Ends what is under way about a pendrive or a question: its sender is told `cancelled`.", "cancel"),
        Order("detach", "Takes a pendrive away from its receiver; the sender is told `not-received`.", "detach"),
        Plain("reload", "Has the configuration and the policy read again.", "reload"),
        LogLevel(),
        WatchCommand.Create(),
    ];

    /// <summary>The socket that is meant: the one that is named, else the configuration's.</summary>
    internal static (Option<string?> Socket, Option<string?> Config) Places() => (
        new("--socket") { Description = "the daemon's control socket (default: as the configuration says)" },
        new("--config", "-c") { Description = $"the configuration file (default: {OptionsFile.DefaultPath})" });

    /// <exception cref="AskException">The configuration has a fault: an order would go to another daemon than is meant.</exception>
    internal static ControlClient Client(ParseResult parsed, Option<string?> socket, Option<string?> config)
    {
        if (parsed.GetValue(socket) is { } named)
            return ControlServer.IsPath(named) ? new(named) : throw new AskException(ExitCode.Usage, $"'{Table.Plain(named)}' is no socket's path: one has 1 to {ControlServer.LongestPath} bytes");
        var read = OptionsFile.Read(parsed.GetValue(config));
        return read.Problems.IsEmpty ? new(read.Options.ControlSocket) : throw new AskException(ExitCode.Configuration, string.Join("\nqfilexchgd: ", read.Problems));
    }

    internal static Option<bool> Json() => new("--json") { Description = "for programs" };

    /// <summary>Asks; what goes wrong is a line on stderr and an exit code.</summary>
    internal static async Task<int> TriedAsync(Func<Task<int>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (AskException e)
        {
            await Console.Error.WriteLineAsync($"qfilexchgd: {e.Message}").ConfigureAwait(false);
            return e.Exit;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"qfilexchgd: the daemon has not answered within {Limit.TotalSeconds} s: qfilexchgd doctor, and the journal").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static Command View(string name, string what, string route, Func<ControlClient, CancellationToken, Task<string>> table)
    {
        var (socket, config) = Places();
        var json = Json();
        var command = new Command(name, what) { json, socket, config };
        command.SetAction((parsed, cancel) => AskedAsync(parsed, socket, config, async (client, limited) =>
        {
            var text = parsed.GetValue(json) ? await client.TextAsync(route, limited).ConfigureAwait(false) + "\n" : await table(client, limited).ConfigureAwait(false);
            await Console.Out.WriteAsync(text).ConfigureAwait(false);
            return ExitCode.Done;
        }, cancel));
        return command;
    }

    private static Command Order(string name, string what, string route)
    {
        var id = new Argument<string>("ID") { Description = "a pendrive (p7) or a question (q8), as qfilexchgd pendrives and questions name it" };
        var (socket, config) = Places();
        var json = Json();
        var command = new Command(name, what) { id, json, socket, config };
        command.SetAction((parsed, cancel) => OrderedAsync(parsed, json, socket, config, $"{route}/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancel));
        return command;
    }

    private static Command Plain(string name, string what, string route)
    {
        var (socket, config) = Places();
        var json = Json();
        var command = new Command(name, what) { json, socket, config };
        command.SetAction((parsed, cancel) => OrderedAsync(parsed, json, socket, config, route, cancel));
        return command;
    }

    private static Command LogLevel()
    {
        var level = new Argument<string>("LEVEL") { Description = "verbose, debug, information, warning, error or fatal" };
        level.AcceptOnlyFromAmong("verbose", "debug", "information", "warning", "error", "fatal");
        var (socket, config) = Places();
        var json = Json();
        var command = new Command("loglevel", "Sets how much is logged, until the daemon is started anew.") { level, json, socket, config };
        command.SetAction((parsed, cancel) => OrderedAsync(parsed, json, socket, config, $"loglevel/{parsed.GetValue(level)}", cancel));
        return command;
    }

    private static Task<int> OrderedAsync(ParseResult parsed, Option<bool> json, Option<string?> socket, Option<string?> config, string route, CancellationToken cancel) =>
        AskedAsync(parsed, socket, config, async (client, limited) =>
        {
            var (done, text) = await client.OrderAsync(route, limited).ConfigureAwait(false);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new(text), ControlJson.Default.AnswerView)).ConfigureAwait(false);
            else await (done ? Console.Out : Console.Error).WriteLineAsync(Table.Plain(done ? text : $"qfilexchgd: {text}")).ConfigureAwait(false);
            return done ? ExitCode.Done : ExitCode.Failed;
        }, cancel);

    private static Task<int> AskedAsync(
        ParseResult parsed, Option<string?> socket, Option<string?> config, Func<ControlClient, CancellationToken, Task<int>> ask, CancellationToken cancel) => TriedAsync(async () =>
    {
        using var client = Client(parsed, socket, config);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(Limit);
        return await ask(client, limited.Token).ConfigureAwait(false);
    });

    private static async Task<string> StatusAsync(ControlClient client, CancellationToken cancel)
    {
        var s = await client.GetAsync("status", ControlJson.Default.StatusView, cancel).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"""
            qfilexchgd {s.Version}, since {s.Started.ToLocalTime():yyyy-MM-dd HH:mm:ss}
            xenstore   {(s.Store ? "there" : "LOST: nothing is done until it is back")}
            policy     {(s.Policy is { } lines ? $"{lines} lines" : "NONE: everything is denied")}
            domains    {s.Domains}
            pendrives  {s.Pendrives}
            questions  {s.Questions} open
            dvms       {s.Dvms}

            """);
    }

    private static async Task<string> DomainsAsync(ControlClient client, CancellationToken cancel) => Table.Of(["DOMID", "NAME", "REQUESTS", "XVDG", "XVDH"],
        (await client.GetAsync("domains", ControlJson.Default.IReadOnlyListDomainView, cancel).ConfigureAwait(false))
            .Select(d => (IReadOnlyList<string?>)[Number(d.Domid), d.Name, Number(d.Requests), d.Xvdg, d.Xvdh]), Table.Room());

    private static async Task<string> PendrivesAsync(ControlClient client, CancellationToken cancel) => Table.Of(["ID", "SENDER", "RECEIVER", "STAGE", "AT"],
        (await client.GetAsync("pendrives", ControlJson.Default.IReadOnlyListPendriveView, cancel).ConfigureAwait(false))
            .Select(p => (IReadOnlyList<string?>)[p.Id, p.Sender, p.Receiver, p.Stage, p.At]), Table.Room());

    private static async Task<string> QuestionsAsync(ControlClient client, CancellationToken cancel) => Table.Of(["ID", "FROM", "TO", "WHAT", "SHOWN", "FOR", "LINE"],
        (await client.GetAsync("questions", ControlJson.Default.IReadOnlyListQuestionView, cancel).ConfigureAwait(false))
            .Select(q => (IReadOnlyList<string?>)[q.Id, q.From, q.To, q.Service, q.Shown ? "yes" : "no", $"{Number(q.Seconds)} s", q.Rule]), Table.Room());

    private static async Task<string> DvmsAsync(ControlClient client, CancellationToken cancel) => Table.Of(["ID", "NAME", "DOMID", "FOR", "STAGE"],
        (await client.GetAsync("dvms", ControlJson.Default.IReadOnlyListDvmView, cancel).ConfigureAwait(false))
            .Select(d => (IReadOnlyList<string?>)[d.Id, d.Name, d.Domid is { } domid ? Number(domid) : null, d.For, d.Stage]), Table.Room());

    private static async Task<string> HistoryAsync(ControlClient client, CancellationToken cancel) => Table.Of(["AT", "WHAT", "FROM", "TO", "DECISION", "BY", "LINE"],
        (await client.GetAsync("history", ControlJson.Default.IReadOnlyListDecisionView, cancel).ConfigureAwait(false))
            .Select(d => (IReadOnlyList<string?>)[d.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture), d.Service, d.From, d.To, d.Allowed ? "allowed" : d.Code, d.By, d.Rule]), Table.Room());

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
