using System.Diagnostics;
using System.Globalization;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Embedded;

namespace Qfx.Tests.Soak;

/// <summary>A daemon that has done very much is as one that has done a little. <c>./qfx soak</c> has it do 10,000 exchanges and 2,000 disposable VMs.</summary>
[Collection(Alone.Name)]
public sealed class SoakTests
{
    private const int Pairs = 10;
    private const long Tolerance = 4 << 20;    // bytes
    private const int MoreHandles = 16;
    private const int MoreThreads = 16;        // of the pool, which comes and goes

    private static readonly int Exchanges = Wanted("QFX_SOAK", 200);
    private static readonly int Disposables = Exchanges / 5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memory_handles_and_threads_are_at_the_end_as_after_the_first_tenth()
    {
        await using var rig = await SoakRig.StartAsync();
        var pairs = await Task.WhenAll(Enumerable.Range(0, Pairs).Select(async n => (From: await rig.CreateAsync($"from{n}"), To: await rig.CreateAsync($"to{n}"))));
        using var churning = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var churn = ChurnAsync(rig, churning.Token);

        await GoAsync(rig, pairs, Exchanges / 10, Disposables / 10);
        var before = Use();
        var clock = Stopwatch.StartNew();
        await GoAsync(rig, pairs, Exchanges, Disposables);
        await churning.CancelAsync();
        var domains = await churn;
        var after = Use();

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"soak: {Exchanges} exchanges, {Disposables} disposable VMs and {domains} other domains in {clock.Elapsed.TotalSeconds:0} s; memory {before.Bytes >> 10} -> {after.Bytes >> 10} KiB, handles {before.Handles} -> {after.Handles}, threads {before.Threads} -> {after.Threads}"));
        Assert.True(after.Bytes <= before.Bytes + Tolerance, $"memory: {before.Bytes} -> {after.Bytes} bytes");
        Assert.True(after.Handles <= before.Handles + MoreHandles, $"handles: {before.Handles} -> {after.Handles}");
        Assert.True(after.Threads <= before.Threads + MoreThreads, $"threads: {before.Threads} -> {after.Threads}");
        Assert.Empty(Directory.EnumerateFiles(rig.Spool, "*.img"));
        Assert.Empty(rig.Database.Entries);
    }

    private static async Task GoAsync(SoakRig rig, (SimulatedDomain From, SimulatedDomain To)[] pairs, int exchanges, int disposables)
    {
        await Task.WhenAll(pairs.Select(async (pair, n) =>
        {
            for (var i = 0; i < exchanges / Pairs; i++)
            {
                await rig.AskAsync(pair.From, "new", StatusCode.Attached);
                await rig.AskAsync(pair.From, $"send to{n}", StatusCode.Sent);
                await rig.AskAsync(pair.To, "umount ok", StatusCode.Detached);
            }
        }));
        for (var i = 0; i < disposables; i++) await OpenAsync(rig, pairs[i % Pairs].From, i + 1);
    }

    /// <summary>Out, back, and gone.</summary>
    private static async Task OpenAsync(SoakRig rig, SimulatedDomain app, int seq)
    {
        await rig.AskAsync(app, "new", StatusCode.Attached);
        var restored = rig.RestoredAsync();
        await rig.AskAsync(app, $"send disposable {seq}", StatusCode.Sent);
        var dvm = await restored;
        await rig.AskAsync(dvm, "umount", StatusCode.Detached);
        await rig.AskAsync(dvm, "new", StatusCode.Attached);
        var arrives = rig.UntilAsync(step => step.Cause is ExchangeEvent.Attached e
            && step.State.Pendrives.GetValueOrDefault(e.Id)?.Stage is Stage.AtReceiver at && at.To.Domid == app.Domid);
        var forgotten = rig.UntilAsync(step => step.Commands.OfType<ExchangeCommand.ForgetDvm>().Any(f => f.Vm.Domid == dvm.Domid));
        await Task.WhenAll(rig.SendAsync(dvm, $"send {app.Name} {seq}"), arrives);
        await rig.AskAsync(app, "umount ok", StatusCode.Detached);
        await forgotten;
    }

    /// <summary>A hundred domains a second come and go.</summary>
    private static async Task<int> ChurnAsync(SoakRig rig, CancellationToken cancel)
    {
        var domains = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                var domain = await rig.Toolstack.CreateAsync($"churn{domains++ % 100}", cancel);
                await rig.Toolstack.DestroyAsync(domain, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }

        return domains;
    }

    private static (long Bytes, int Handles, int Threads) Use()
    {
        using var me = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), Directory.GetFiles("/proc/self/fd").Length, me.Threads.Count);
    }

    private static int Wanted(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : otherwise;
}
