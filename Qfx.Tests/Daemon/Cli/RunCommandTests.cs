using System.Diagnostics;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Cli;

/// <summary>The daemon as a process.</summary>
public class RunCommandTests
{
    private static readonly string Daemon = Path.Combine(AppContext.BaseDirectory, "qfilexchgd");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bad_configuration_is_told_whole_and_ends_with_78()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["conf"], "[pendrive]\nsize_mib = 0\n[time]\nquestion = x\n", Cancel);

        var (exit, output) = await Programs.RunAsync(Daemon, ["run", "--config", folder["conf"]]);

        Assert.Equal(78, exit);
        Assert.Contains("time question is 'x'", output, StringComparison.Ordinal);
        Assert.Contains("pendrive size_mib is 0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_xenstored_it_says_so_and_ends_with_69()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["conf"], $"[store]\nsocket = {folder["none"]}\n[control]\nsocket = {folder["control"]}\n[spool]\nfolder = {folder["spool"]}\n", Cancel);

        var (exit, output) = await Programs.RunAsync(Daemon, ["run", "-c", folder["conf"]]);

        Assert.Equal(69, exit);
        Assert.Contains($"No xenstored at {folder["none"]}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_installed_that_asks_on_a_desktop_it_says_so_and_ends_with_78()
    {
        using var folder = new TempFolder();
        await using var store = EmbeddedXenstore.Start(folder["store"]);
        await File.WriteAllTextAsync(folder["conf"],
            $"[store]\nsocket = {store.SocketOf(Domid.Zero)}\n[control]\nsocket = {folder["control"]}\n[spool]\nfolder = {folder["spool"]}\n[questions]\nask = desktop\n", Cancel);

        var (exit, output) = await Programs.RunAsync(Daemon, ["run", "-c", folder["conf"]], ("PATH", folder["nothing"]));

        Assert.Equal(78, exit);
        Assert.Contains("none of zenity, yad and kdialog", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_serves_a_xenstored_ends_on_SIGTERM_and_keeps_a_second_one_out_of_its_spool(bool real)
    {
        using var folder = new TempFolder();
        await using var embedded = real ? null : EmbeddedXenstore.Start(folder["store"]);
        await using var xenstored = real ? await RealXenstored.StartAsync(Cancel) : null;
        var socket = xenstored?.SocketPath ?? embedded!.SocketOf(Domid.Zero);
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(socket), Cancel);
        var toolstack = new SimulatedToolstack(dom0, xenstored?.Lifecycle(dom0) ?? DomainLifecycle.Of(embedded!));
        var work = await toolstack.CreateAsync("work", Cancel);
        await File.WriteAllTextAsync(folder["conf"],
            $"[store]\nsocket = {socket}\n[control]\nsocket = {folder["control"]}\n[spool]\nfolder = {folder["spool"]}\n[devices]\nfolder = {folder["devices"]}\n", Cancel);
        using var daemon = Process.Start(new ProcessStartInfo(Daemon, ["run", "-c", folder["conf"]]) { RedirectStandardOutput = true })!;
        var started = await daemon.StandardOutput.ReadLineAsync(Cancel);
        Assert.Contains("Started", started, StringComparison.Ordinal);

        var (second, output) = await Programs.RunAsync(Daemon, ["run", "-c", folder["conf"]]);
        Assert.Equal(1, second);
        Assert.Contains("in use by another qfilexchgd", output, StringComparison.Ordinal);

        var ready = await ReadyAsync(dom0, work.Domid);
        Assert.Equal("0 ready qfx/1 max=16384 vfat raw", ready);
        var mode = File.GetUnixFileMode(folder["spool"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);

        Assert.Equal(0, (await Programs.RunAsync("kill", ["-TERM", daemon.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])).Exit);
        await daemon.WaitForExitAsync(Cancel);
        Assert.Equal(0, daemon.ExitCode);
    }

    private static async Task<string> ReadyAsync(XsClient dom0, Domid domid)
    {
        var key = XsPath.Home(domid) / "qubes_pen_status";
        var there = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = dom0.Watch(key).Subscribe(async _ =>
        {
            if (await dom0.TryReadTextAsync(key, Cancel) is { Length: > 0 } status) there.TrySetResult(status);
        });
        return await there.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }
}
