using Qfx.Daemon.Cli;
using Qfx.Daemon.Doctor;
using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Doctor;

/// <summary>A machine that is as it should be, and each thing that can be missing.</summary>
public sealed class CheckupTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly HashSet<string> programs = ["zenity", "notify-send"];
    private readonly Dictionary<string, string> answers = new() { ["loginctl"] = "ActiveSession=2", ["systemctl is-active"] = "active", ["systemctl is-enabled"] = "enabled" };

    public CheckupTests()
    {
        foreach (var path in new[] { "run/systemd/system", "sys/bus/xen-backend/drivers/vbd", "var/lib/qfx/spool", "etc/qubes/qfx-policy.d" })
            Directory.CreateDirectory(folder[path]);
        foreach (var path in new[] { "dev/loop-control", "usr/lib/udev/rules.d/59-qfx-spool.rules", "usr/lib/qfx/vbd-script", "restore", "root", "default", "savefile" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
            File.WriteAllText(folder[path], "");
        }

        File.SetUnixFileMode(folder["usr/lib/qfx/vbd-script"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode(folder["var/lib/qfx/spool"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        DefaultPolicy.WriteTo(folder["etc/qubes/qfx-policy.d"]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task All_is_well()
    {
        Assert.DoesNotContain(await CheckAsync(), finding => finding.Health != Health.Good);
    }

    [Theory]
    [InlineData("dev/loop-control", "loop devices", "modprobe loop")]
    [InlineData("sys/bus/xen-backend/drivers/vbd", "blkback", "modprobe xen-blkback")]
    [InlineData("usr/lib/qfx/vbd-script", "vbd script", "install it from the package")]
    [InlineData("usr/lib/udev/rules.d/59-qfx-spool.rules", "udev rule", "udevadm control --reload")]
    [InlineData("etc/qubes/qfx-policy.d/90-default.policy", "policy", "everything is denied")]
    public async Task Without_it_nothing_goes(string path, string what, string mend) => await FindsAsync(path, Health.Bad, what, mend);

    [Theory]
    [InlineData("restore", "qfx_restore")]
    [InlineData("root", "dvm prepare")]
    [InlineData("savefile", "it is made anew")]
    public async Task Without_it_there_are_no_disposable_VMs(string path, string mend) => await FindsAsync(path, Health.Warning, "disposable VMs", mend);

    [Fact]
    public async Task A_savefile_that_is_older_than_its_disk_is_stale()
    {
        File.SetLastWriteTimeUtc(folder["savefile"], DateTime.UnixEpoch);

        Assert.Contains("is older than", Of("disposable VMs", await CheckAsync()).Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("systemctl is-active", "failed", Health.Bad, "daemon", "enable --now")]
    [InlineData("systemctl is-enabled", "disabled", Health.Warning, "daemon", "systemctl enable")]
    [InlineData("loginctl", "ActiveSession=", Health.Warning, "session", "log in there")]
    internal async Task What_systemd_says_counts(string question, string answer, Health health, string what, string mend)
    {
        answers[question] = answer;

        var finding = Of(what, await CheckAsync());
        Assert.Equal(health, finding.Health);
        Assert.Contains(mend, finding.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_to_ask_with_is_bad_nothing_to_tell_with_is_not()
    {
        programs.Clear();

        var findings = await CheckAsync();
        Assert.Equal((Health.Bad, Health.Warning), (Of("dialog", findings).Health, Of("notices", findings).Health));
    }

    [Fact]
    public async Task A_spool_that_others_may_read_is_bad()
    {
        File.SetUnixFileMode(folder["var/lib/qfx/spool"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);

        Assert.Contains("open to others", Of("spool", await CheckAsync()).Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_xenstored_and_an_empty_one_are_told_apart()
    {
        Assert.Contains("start xenstored", Of("xenstore", await CheckAsync(store: folder["none"])).Mend, StringComparison.Ordinal);
        await using var empty = EmbeddedXenstore.Start(folder["empty"]);
        await using (var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(empty.SocketOf(Domid.Zero)), TestContext.Current.CancellationToken))
            await dom0.RemoveAsync(XsPath.Home(Domid.Zero), TestContext.Current.CancellationToken);

        var finding = Of("xenstore", await CheckAsync(store: empty.SocketOf(Domid.Zero)));
        Assert.Equal((Health.Warning, "domain 0 is not in it: it is empty, or not whole yet"), (finding.Health, finding.Seen));
    }

    [Fact]
    public async Task With_a_fault_in_the_configuration_that_alone_is_told()
    {
        var findings = await Checkup.RunAsync(OptionsFile.Parse("[pendrive]\nsize_mib = x\n"), new(), TestContext.Current.CancellationToken);

        Assert.Equal("BAD   configuration  pendrive size_mib is 'x': it must be a whole number\n"
            + "                     -> mend it: with a fault the daemon does not start; what else is looked at depends on it\n", DoctorCommand.Table(findings, int.MaxValue));
    }

    private async Task FindsAsync(string path, Health health, string what, string mend)
    {
        if (Directory.Exists(folder[path])) Directory.Delete(folder[path]);
        else File.Delete(folder[path]);

        var finding = Of(what, await CheckAsync());
        Assert.Equal(health, finding.Health);
        Assert.Contains(mend, finding.Mend, StringComparison.Ordinal);
    }

    private static Finding Of(string what, IReadOnlyList<Finding> findings) => Assert.Single(findings, finding => finding.What == what);

    private async Task<IReadOnlyList<Finding>> CheckAsync(string? store = null)
    {
        await using var whole = EmbeddedXenstore.Start(folder[$"store"]);
        var read = OptionsFile.Parse($"""
            [store]
            socket = {store ?? whole.SocketOf(Domid.Zero)}
            [spool]
            max_mib = 20000
            [questions]
            ask = desktop
            [disposable]
            restore = /restore
            savefile = /savefile
            default_savefile = /default
            savefile_root = /root
            """);
        Assert.Empty(read.Problems);
        return await Checkup.RunAsync(read, new(folder.Path) { HasProgram = programs.Contains, Ask = (call, _) => Task.FromResult(Answer(call)) },
            TestContext.Current.CancellationToken);
    }

    private string? Answer(Qfx.Daemon.Processes.ProgramCall call) => answers.GetValueOrDefault(call.File) ?? answers.GetValueOrDefault($"{call.File} {call.Arguments[0]}");
}
