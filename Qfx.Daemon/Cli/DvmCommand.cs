using System.CommandLine;
using Qfx.Daemon.PlainXen;
using Qfx.Streams.Domains;

namespace Qfx.Daemon.Cli;

/// <summary><c>qfilexchgd dvm</c>: disposable VMs on a Xen host without Qubes.</summary>
internal static class DvmCommand
{
    private const int Failed = 1;
    private const int Usage = 2;

    public static Command Create() => new("dvm", "Disposable VMs on a Xen host without Qubes.") { Prepare(), Use(), Restore(), State() };

    private static Command Prepare()
    {
        var name = new Argument<string>("NAME") { Description = "a guest that runs, and is as a disposable VM should begin; it is saved, which ends it" };
        var config = new Option<string?>("--config") { Description = "its xl configuration (default: /etc/xen/NAME.cfg)" };
        var (xl, data, run) = Places();
        var command = new Command("prepare", "Makes the savefile that disposable VMs are made of.") { name, config, xl, data, run };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!VmName.TryParse(parsed.GetValue(name), out var vm)) return await SayAsync("that is no name of a VM", Usage).ConfigureAwait(false);
            var folder = new SavefileFolder(parsed.GetValue(data)!, parsed.GetValue(run)!);
            return await TriedAsync(async () =>
            {
                await new PrepareSavefile(new(parsed.GetValue(xl)!), folder).RunAsync(vm, parsed.GetValue(config) ?? $"/etc/xen/{vm}.cfg", cancel).ConfigureAwait(false);
                await Console.Out.WriteLineAsync($"{folder.SavefileOf(vm.ToString())} is what disposable VMs are made of now.").ConfigureAwait(false);
            }).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>What [disposable] update calls on such a host, after each of its starts.</summary>
    private static Command Use()
    {
        var (xl, data, run) = Places();
        var command = new Command("use", "Puts the savefile that was prepared to use again, after the host was started anew.") { xl, data, run };
        command.SetAction((parsed, _) => TriedAsync(() =>
        {
            new SavefileFolder(parsed.GetValue(data)!, parsed.GetValue(run)!).UseAgain();
            return Task.CompletedTask;
        }));
        return command;
    }

    /// <summary>The contract of qubes_restore. The label is for a desktop that frames windows; here, nobody does.</summary>
    private static Command Restore()
    {
        var savefile = new Argument<string>("SAVEFILE") { Description = "made by prepare" };
        var colour = new Option<string?>("-c") { Description = "the label's colour" };
        var icon = new Option<string?>("-i") { Description = "the label's icon" };
        var label = new Option<int>("-l") { Description = "the label's number" };
        var paused = new Option<bool>("-p") { Description = "it does not run yet" };
        var (xl, data, run) = Places();
        var command = new Command("restore", "Restores a disposable VM; its domid, its name and the saved guest's name go to dispVM_xid.") { savefile, colour, icon, label, paused, xl, data, run };
        command.SetAction((parsed, cancel) => TriedAsync(() => new RestoreGuest(new(parsed.GetValue(xl)!), new(parsed.GetValue(data)!, parsed.GetValue(run)!))
            .RunAsync(parsed.GetValue(savefile)!, parsed.GetValue(paused), cancel)));
        return command;
    }

    private static Command State()
    {
        var (xl, data, run) = Places();
        var command = new Command("state", "Says whether the savefile is fresh; exit code 1 if it is not.") { xl, data, run };
        command.SetAction(async (parsed, _) =>
        {
            var stale = new SavefileFolder(parsed.GetValue(data)!, parsed.GetValue(run)!).Stale();
            await Console.Out.WriteLineAsync(stale is null ? "fresh" : $"stale: {stale}").ConfigureAwait(false);
            return stale is null ? 0 : Failed;
        });
        return command;
    }

    private static (Option<string> Xl, Option<string> Data, Option<string> Run) Places() =>
    (
        new("--xl") { Description = "Xen's toolstack", DefaultValueFactory = _ => "xl" },
        new("--data") { Description = "where savefiles are", DefaultValueFactory = _ => SavefileFolder.DefaultData },
        new("--run") { Description = "where dispVM_xid is", DefaultValueFactory = _ => SavefileFolder.DefaultRun }
    );

    private static async Task<int> TriedAsync(Func<Task> deed)
    {
        try
        {
            await deed().ConfigureAwait(false);
            return 0;
        }
        catch (NotEnoughMemoryException e)
        {
            return await SayAsync($"not enough memory: {e.Message}", NotEnoughMemoryException.Exit).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await SayAsync(e.Message, Failed).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return await SayAsync("told to end; nothing was made, and no domain is left of it", Failed).ConfigureAwait(false);
        }
    }

    private static async Task<int> SayAsync(string text, int exit)
    {
        await Console.Error.WriteLineAsync($"qfilexchgd: {text}").ConfigureAwait(false);
        return exit;
    }
}
