using System.Globalization;
using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Files;
using Qfx.Daemon.Logging;
using Qfx.Daemon.Processes;

namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>Asks systemd-logind, through loginctl with fixed arguments, who is logged in at seat0.</summary>
/// <remarks>logind rewrites its files in /run/systemd when a session comes, goes or is locked: that is the reason to ask again.</remarks>
/// <param name="log">Told why nobody is found.</param>
/// <param name="time">Where it waits for logind to be done.</param>
/// <param name="loginctl">The program.</param>
/// <param name="run">Where logind's files are.</param>
/// <param name="proc">/proc.</param>
internal sealed class LogindSeats(
    ILogger log, IScheduler time, string loginctl = "loginctl", string run = "/run/systemd", string proc = "/proc") : ISeats
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public IObservable<Seat?> Active => Observable.Merge(FolderChanges.Of($"{run}/seats"), FolderChanges.Of($"{run}/sessions"))
        .Throttle(Settle, time)
        .Merge(Observable.Return(Unit.Default))
        .Select(_ => Observable.FromAsync(ReadAsync))
        .Concat()
        .DistinctUntilChanged(seat => (seat?.Session, seat?.Display, seat?.Authority));

    private async Task<Seat?> ReadAsync(CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(Limit);
        try
        {
            var seat = await ShowAsync(["show-seat", "seat0", "--property=ActiveSession"], limited.Token).ConfigureAwait(false);
            if (seat.GetValueOrDefault("ActiveSession") is not { Length: > 0 } id || !IsWord(id)) return null;
            var session = await ShowAsync(
                ["show-session", id, "--property=Name", "--property=User", "--property=Class", "--property=State", "--property=LockedHint"],
                limited.Token).ConfigureAwait(false);
            return Of(id, session);
        }
        catch (IOException e)
        {
            log.QuestionWaits($"loginctl: {e.Message}");
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            log.QuestionWaits($"loginctl gives no answer within {Limit.TotalSeconds} s");
            return null;
        }
    }

    private Seat? Of(string id, Dictionary<string, string> session)
    {
        if (session.GetValueOrDefault("Class") != "user" || session.GetValueOrDefault("State") != "active" || session.GetValueOrDefault("LockedHint") == "yes")
            return null;
        if (session.GetValueOrDefault("Name") is not { Length: > 0 } user
            || !uint.TryParse(session.GetValueOrDefault("User"), NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
            return null;
        return SessionEnvironment.Find(proc, id, uid) is { } environment ? new(id, user, uid, environment) : null;
    }

    private async Task<Dictionary<string, string>> ShowAsync(string[] arguments, CancellationToken cancel)
    {
        var result = await ProcessRunner.RunAsync(new(loginctl, arguments), cancel).ConfigureAwait(false);
        if (result.Exit != 0) return [];
        return Parse(result.Output);
    }

    internal static Dictionary<string, string> Parse(string output)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.Split('\n'))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals) values[line[..equals]] = line[(equals + 1)..];
        }

        return values;
    }

    private static bool IsWord(string text) => text.Length <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
