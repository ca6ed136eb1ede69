using System.Reactive.Linq;
using Qfx.Daemon.Demo;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>The guest's own programs in an AppVM and in a disposable VM, with the real daemon between them.</summary>
public class DisposableGuestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_is_changed_in_a_disposable_VM_and_nothing_of_that_VM_is_left(bool real)
    {
        await using var host = await Host.StartAsync(real);
        using var folder = new TempFolder();
        var (_, work) = await host.CreateAsync("work");
        var file = host.File("it's a \"letter\"\n.txt", "before"u8.ToArray());

        var opened = work.RunAsync("qvm-open-in-dvm", ["--", file], Cancel);
        var disposable = await host.Restored.FirstAsync().RunAsync(Cancel);
        _ = Vm(host, disposable, folder, "printf after > \"$1\"").ReceiveAsync(Cancel);    // destroyed before it could end well
        Assert.True(await opened == 0, string.Join('\n', host.Said));
        Assert.True(await work.ReceiveAsync(Cancel) == 0, string.Join('\n', host.Said));
        await IsForgottenAsync(host);

        Assert.Equal("after", await File.ReadAllTextAsync(file, Cancel));
        Assert.Null(await host.Dom0.TryReadAsync(XsPath.Home(disposable.Domid), Cancel));
        Assert.Equal((0, 1), (host.Database.Entries.Count, host.Database.Added));
        Assert.Empty(host.Spool);
    }

    [Fact]
    public async Task A_file_that_is_looked_at_does_not_come_back_and_the_VM_ends_itself()
    {
        await using var host = await Host.EmbeddedAsync();
        using var folder = new TempFolder();
        var (_, work) = await host.CreateAsync("work");
        var file = host.File("letter.txt", "before"u8.ToArray());

        var opened = work.RunAsync("qvm-view-in-dvm", [file], Cancel);
        var disposable = await host.Restored.FirstAsync().RunAsync(Cancel);
        _ = Vm(host, disposable, folder, "chmod u+w \"$1\"; printf after > \"$1\"").ReceiveAsync(Cancel);
        Assert.True(await opened == 0, string.Join('\n', host.Said));
        await IsForgottenAsync(host);

        Assert.Equal("before", await File.ReadAllTextAsync(file, Cancel));
        Assert.Empty(host.Database.Entries);
        Assert.Empty(host.Spool);
    }

    private static SimulatedVm Vm(Host host, SimulatedDomain domain, TempFolder folder, string editor)
    {
        File.WriteAllText(folder["mark"], "");
        File.WriteAllText(folder["editor"], $"#!/bin/sh\n{editor}\n");
        File.SetUnixFileMode(folder["editor"], (UnixFileMode)0b111_101_101);
        return new(
            domain, Path.Combine(AppContext.BaseDirectory, "qfx-guest"), host.SocketOf(domain), host.DevicesOf(domain), folder["vm"],
            (vm, line) => host.Said.Enqueue($"{vm} {line}"))
        {
            Environment = new Dictionary<string, string> { ["QFX_DVM_MARK"] = folder["mark"], ["QFX_OPENER"] = folder["editor"], ["TMPDIR"] = folder.Path },
        };
    }

    /// <summary>Nothing of the disposable VM is left.</summary>
    private static async Task IsForgottenAsync(Host host)
    {
        await host.UntilAsync(step => step.Commands.OfType<ExchangeCommand.ForgetDvm>().Any());
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Deleted or ExchangeEvent.EntryRemoved && step.State.Pendrives.IsEmpty && step.State.Dvms.IsEmpty);
    }
}
