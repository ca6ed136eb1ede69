using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Qfx.Daemon.Block;
using Qfx.Daemon.Control;

namespace Qfx.Daemon.Ask;

/// <summary><c>qfilexchgd watch</c>: a live view of a daemon that runs; into a pipe, its events a line each.</summary>
internal static class WatchCommand
{
    private const int Remembered = 200;    // events
    private const int Output = 1;          // stdout

    /// <summary>What has no event of its own, such as how long a question is open, is shown as often as this.</summary>
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var (socket, config) = AskCommands.Places();
        var json = AskCommands.Json();
        var command = new Command("watch", "A live view: VMs, who holds what, open questions, the last events. Into a pipe: the events, a line each.") { json, socket, config };
        command.SetAction((parsed, cancel) => AskCommands.TriedAsync(async () =>
        {
            using var client = AskCommands.Client(parsed, socket, config);
            try
            {
                return Console.IsOutputRedirected || Console.IsInputRedirected || parsed.GetValue(json)
                    ? await PipeAsync(client, parsed.GetValue(json), cancel).ConfigureAwait(false)
                    : await ScreenAsync(client, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return ExitCode.Done;
            }
            catch (IOException)
            {
                return ExitCode.Done;    // whoever read has closed the pipe
            }
        }));
        return command;
    }

    /// <summary>Until the daemon ends, or whoever reads has gone: also between two events.</summary>
    private static async Task<int> PipeAsync(ControlClient client, bool json, CancellationToken cancel)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _ = Task.Factory.StartNew(() => AwaitReaderGone(gone), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        // Not the console's own stream: that one does not say when nobody reads any more.
        using var handle = new SafeFileHandle(Output, ownsHandle: false);
        var pipe = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        await using (pipe.ConfigureAwait(false))
        {
            try
            {
                await foreach (var told in client.EventsAsync(gone.Token).ConfigureAwait(false))
                {
                    var line = json ? JsonSerializer.Serialize(told, ControlJson.Default.EventView) : WatchScreen.Line(told).TrimStart();
                    await pipe.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancel).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Nobody reads any more.
            }
        }

        return ExitCode.Done;
    }

    private static void AwaitReaderGone(CancellationTokenSource gone)
    {
        Span<Libc.PollEntry> entry = [new() { File = Output }];
        if (Libc.Poll(entry, 1, Libc.Forever) > 0) gone.Cancel();
    }

    private static async Task<int> ScreenAsync(ControlClient client, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var screen = new LiveScreen(Console.Out, () => (Console.WindowWidth, Console.WindowHeight));
        var reasons = Channel.CreateUnbounded<Reason>();
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => reasons.Writer.TryWrite(new(null, null)));
        using var often = TimeProvider.System.CreateTimer(_ => reasons.Writer.TryWrite(new(null, null)), null, Often, Often);
        var listening = ListenAsync(client, reasons.Writer, stop.Token);
        _ = Task.Factory.StartNew(() => Keys(reasons.Writer, stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var events = new List<EventView>();
        var seen = await SeenAsync(client, cancel).ConfigureAwait(false);
        screen.Draw(seen, events);
        try
        {
            await foreach (var reason in reasons.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                if (reason.Told is { } told) events.Add(told);
                if (events.Count > 2 * Remembered) events.RemoveRange(0, events.Count - Remembered);
                if (reason.Key is { } key && !await KeyAsync(key, client, screen, seen, cancel).ConfigureAwait(false)) break;
                if (reasons.Reader.Count > 0) continue;    // many at once are one frame
                seen = await SeenAsync(client, cancel).ConfigureAwait(false);
                screen.Draw(seen, events);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ExitCode.Done;
    }

    private static async Task<OverviewView> SeenAsync(ControlClient client, CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(Limit);
        return await client.GetAsync("overview", ControlJson.Default.OverviewView, limited.Token).ConfigureAwait(false);
    }

    private static async Task ListenAsync(ControlClient client, ChannelWriter<Reason> reasons, CancellationToken cancel)
    {
        try
        {
            await foreach (var told in client.EventsAsync(cancel).ConfigureAwait(false)) reasons.TryWrite(new(told, null));
            reasons.TryComplete(new AskException(ExitCode.NotRunning, "the daemon has ended"));
        }
        catch (AskException e)
        {
            reasons.TryComplete(e);
        }
    }

    private static void Keys(ChannelWriter<Reason> reasons, CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested) reasons.TryWrite(new(null, Console.ReadKey(intercept: true)));
        }
        catch (InvalidOperationException)
        {
            // No terminal any more.
        }
    }

    /// <returns>False: leave.</returns>
    private static async Task<bool> KeyAsync(ConsoleKeyInfo key, ControlClient client, LiveScreen screen, OverviewView seen, CancellationToken cancel)
    {
        switch (key.Key)
        {
            case ConsoleKey.Q or ConsoleKey.Escape:
                return false;
            case ConsoleKey.UpArrow or ConsoleKey.K:
                screen.Choose(seen, -1);
                break;
            case ConsoleKey.DownArrow or ConsoleKey.J:
                screen.Choose(seen, +1);
                break;
            case ConsoleKey.C or ConsoleKey.D when screen.Chosen is { } chosen:
                screen.Said = (await client.OrderAsync($"{(key.Key == ConsoleKey.C ? "cancel" : "detach")}/{chosen}", cancel).ConfigureAwait(false)).Text;
                break;
            case ConsoleKey.C or ConsoleKey.D:
                screen.Said = "choose a pendrive first: up, down";
                break;
        }

        return true;
    }

    /// <summary>Why a frame is drawn: something happened, a key, or another size.</summary>
    private readonly record struct Reason(EventView? Told, ConsoleKeyInfo? Key);
}
