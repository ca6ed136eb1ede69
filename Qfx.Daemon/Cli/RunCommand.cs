using System.CommandLine;
using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Control;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Logging;
using Qfx.Daemon.Options;
using Qfx.Daemon.Qubes;
using Qfx.Daemon.Runner;
using Qfx.Daemon.Systemd;
using Qfx.Xen.Store;
using Serilog.Events;

namespace Qfx.Daemon.Cli;

/// <summary><c>qfilexchgd run</c>: serves until it is told to end.</summary>
internal static class RunCommand
{
    /// <summary>EX_CONFIG of sysexits.h.</summary>
    public const int BadConfiguration = 78;

    /// <summary>xenstored is not there, or went away.</summary>
    public const int NoXenstore = 69;

    public static Command Create()
    {
        var file = new Option<string?>("--config", "-c") { Description = $"the configuration file (default: {OptionsFile.DefaultPath})" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "log every effect" };
        var command = new Command("run", "Serves the domains of this host in the foreground.") { file, verbose };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(file), parsed.GetValue(verbose), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string? file, bool verbose, CancellationToken cancel)
    {
        var (options, problems) = OptionsFile.Read(file);
        if (problems.Count > 0)
        {
            foreach (var problem in problems) await Console.Error.WriteLineAsync($"qfilexchgd: {problem}").ConfigureAwait(false);
            return BadConfiguration;
        }

        var levels = new LogLevels(verbose ? LogEventLevel.Debug : LogEventLevel.Information);
        using var logs = Logs.Create(levels);
        var centre = new ControlCentre(TimeProvider.System, levels);
        await using var _ = centre.ConfigureAwait(false);
        using var sent = Otlp.Start(options.Otlp, options.OtlpEvery);
        using var terminal = options.Questions == QuestionKind.Terminal ? new TerminalDialogs(Console.In, Console.Out) : null;
        var manager = ServiceManager.FromEnvironment();
        try
        {
            var endpoint = options.StoreSocket is { } socket ? XsEndpoint.Socket(socket) : XsEndpoint.FromEnvironment();
            var store = await XsLines.ConnectAsync(endpoint, cancel).ConfigureAwait(false);
            await using (store.ConfigureAwait(false))
            {
                using var told = store.States.Skip(1).Subscribe(Tell(logs.CreateLogger("Qfx.Xenstore")));    // the first is what is so already
                IDialogs dialogs = options.Questions switch
                {
                    QuestionKind.Command => new CommandDialogs(options.QuestionCommand!),
                    QuestionKind.Desktop => Desktop(options, logs.CreateLogger("Qfx.Questions")),
                    _ => (IDialogs?)terminal ?? new NobodyDialogs(),
                };
                using var seen = store.States.Subscribe(state => centre.Board.StoreIsThere = state.Phase == XsClientPhase.Connected);
                var reasons = Reload.OnHangup().Merge(centre.Orders.Reloads).Publish().RefCount();
                await ExchangeDaemon.RunAsync(options, store, dialogs, logs, new()
                {
                    Disposables = File.Exists(options.Disposables.Restore) ? new CommandDisposables(options.Disposables) : null,
                    Database = File.Exists(options.Disposables.Database) ? new QubesDatabase(options.Disposables.Database) : null,
                    Watch = centre,
                    Changes = Reload.Options(reasons, () => OptionsFile.Read(file), options, logs.CreateLogger("Qfx")),
                    PolicyReasons = reasons,
                    Orders = centre.Orders.Events,
                    Running = rules =>
                    {
                        manager.Ready();
                        return StableCompositeDisposable.Create(manager.FeedOn(rules), Disposable.Create(manager.Stopping));
                    },
                    Started = () => centre.TryListen(options.ControlSocket, logs.CreateLogger("Qfx")),
                }, cancel).ConfigureAwait(false);
            }

            return 0;
        }
        catch (XenstoreConnectionException e)
        {
            logs.CreateLogger("Qfx").CannotGoOn(e.Message);
            return NoXenstore;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (NoDialogToolException e)
        {
            logs.CreateLogger("Qfx").CannotGoOn(e.Message);
            return BadConfiguration;
        }
        catch (IOException e)
        {
            logs.CreateLogger("Qfx").CannotGoOn(e.Message);
            return 1;
        }
    }

    private static DesktopDialogs Desktop(DaemonOptions options, ILogger log) => new(
        new LogindSeats(log, TaskPoolScheduler.Default), DialogTool.Find(options.QuestionTool), TimeProvider.System, log);

    private static Action<XsClientState> Tell(ILogger log) => state =>
    {
        if (state.Phase == XsClientPhase.Lost) log.StoreLost(state.Reason?.Message ?? "It was closed.");
        else if (state.Phase == XsClientPhase.Connected) log.StoreBack();
    };
}
