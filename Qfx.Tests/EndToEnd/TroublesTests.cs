using System.Diagnostics;
using System.Threading.Channels;
using Qfx.Daemon.Dialogs;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>dom0 runs out of something: what the guest, the person and the administrator are told. docs/troubleshooting.md, "When dom0 runs out of something".</summary>
public sealed class TroublesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disk_that_pendrives_could_fill()
    {
        var person = new Person();
        await using var host = await Host.EmbeddedAsync(person, with: options => options with { SpoolKeepFreeMiB = 1024 * 1024 });
        var (work, _) = await host.CreateAsync("work");

        var (status, journal) = await AskAsync(host, work.Domid.Value, "new", "no-space");
        Assert.EndsWith(" no-space there is no room for a pendrive now, try again later", status, StringComparison.Ordinal);
        Assert.Contains("MiB free, of which the pendrives that there are may still take 0 and 1048576 are to stay free: too little for 1024", journal, StringComparison.Ordinal);
        Assert.Equal(NoticeKind.NoRoom, (await person.ToldAsync()).Kind);
        Assert.Empty(host.Spool);
    }

    /// <summary>The spool on a file system of its own; where that cannot be had, the test is skipped.</summary>
    [Fact]
    public async Task A_spool_that_has_become_read_only()
    {
        await using var host = await Host.EmbeddedAsync(with: options =>
        {
            Directory.CreateDirectory(options.Spool);
            Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=256m", "qfx", options.Spool), "Nothing can be mounted here.");
            return options with { SpoolKeepFreeMiB = 0 };
        });
        try
        {
            var (work, _) = await host.CreateAsync("work");

            // The daemon has its lock open for writing, so it is a mount that becomes read-only, and not the file system.
            Assert.True(Run("mount", "--bind", host.Options.Spool, host.Options.Spool) && Run("mount", "-o", "remount,bind,ro", host.Options.Spool));

            var (status, journal) = await AskAsync(host, work.Domid.Value, "new raw 40", "failed");
            Assert.EndsWith(" failed the pendrive could not be made, the journal of dom0 says why", status, StringComparison.Ordinal);
            Assert.Contains("Read-only file system", journal, StringComparison.Ordinal);
            Assert.Empty(host.Spool);
        }
        finally
        {
            while (Run("umount", "-l", host.Options.Spool))
            {
                // One over the other.
            }
        }
    }

    /// <returns>What the guest reads, and what the journal has of it.</returns>
    private static async Task<(string Status, string Journal)> AskAsync(Host host, int domid, string request, string code)
    {
        var home = XsPath.Home(new(domid));
        var recorded = host.UntilAsync(step => step.Commands.OfType<ExchangeCommand.Record>().Any(r => r.Report.Code.Word() == code));
        await host.Dom0.WriteTextAsync(home / "device/qpen", request, Cancel);
        var step = await recorded;
        var status = step.Commands.OfType<ExchangeCommand.WriteStatus>().Last().Status;
        return ($"{status.N} {status.Code.Word()} {status.Text}", step.Commands.OfType<ExchangeCommand.Record>().Last().Report.Text);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Is told things, and says yes.</summary>
    private sealed class Person : IDialogs, INotifier
    {
        private readonly Channel<ExchangeCommand.Notify> told = Channel.CreateUnbounded<ExchangeCommand.Notify>();

        public async Task<ExchangeCommand.Notify> ToldAsync() => await told.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        public Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel)
        {
            shown();
            return Task.FromResult(true);
        }

        public Task TellAsync(ExchangeCommand.Notify notice, CancellationToken cancel) => told.Writer.WriteAsync(notice, cancel).AsTask();
    }
}
