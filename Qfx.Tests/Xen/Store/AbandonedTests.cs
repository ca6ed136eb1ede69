using System.Runtime.CompilerServices;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Store;

/// <summary>Transactions and requests that are given up: the server holds nothing of them, and neither does anybody here.</summary>
public sealed class AbandonedTests
{
    /// <summary>Far more than the 11 transactions that a guest may have at a time.</summary>
    private const int Many = 40;

    private static readonly XsPath Mine = new("data/mine");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_cancelled_transaction_is_ended_on_the_server_and_has_done_nothing(bool real) => OnAsync(real, async connect =>
    {
        await using var guest = await connect();
        for (var i = 0; i < Many; i++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guest.TransactAsync(
                async (tx, ct) =>
                {
                    await tx.WriteTextAsync(Mine, "cancelled", ct);
                    await cancel.CancelAsync();
                    return 0;
                },
                cancel.Token));
        }

        Assert.Null(await guest.TryReadAsync(Mine, Cancel));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task The_transaction_of_a_client_that_is_disposed_is_ended_on_the_server_and_has_done_nothing(bool real) => OnAsync(real, async connect =>
    {
        for (var i = 0; i < Many; i++)
        {
            var guest = await connect();
            await Assert.ThrowsAsync<XenstoreConnectionException>(() => guest.TransactAsync(
                async (tx, ct) =>
                {
                    await tx.WriteTextAsync(Mine, "disposed", ct);
                    await guest.DisposeAsync();
                    return 0;
                },
                Cancel));
        }

        await using var next = await connect();
        Assert.Null(await next.TryReadAsync(Mine, Cancel));
    });

    /// <summary>A token that outlives the client holds nothing of what was asked with it.</summary>
    [Fact]
    public async Task What_was_asked_of_a_client_that_is_disposed_is_let_go_of()
    {
        using var longLived = new CancellationTokenSource();
        var asked = await AskAndDisposeAsync(longLived.Token);
        for (var round = 0; round < 100 && asked.Any(task => task.IsAlive); round++)
        {
            await Task.Yield();    // off the stack of what has just ended, which holds them
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.DoesNotContain(asked, task => task.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference[]> AskAndDisposeAsync(CancellationToken cancel)
    {
        var (client, peer) = ScriptedPeer.Connect();
        Task[] asked = [.. Enumerable.Range(0, 50).Select(i => client.ReadAsync(new($"/{i}"), cancel)), client.TransactAsync((_, _) => Task.FromResult(0), cancel)];
        await peer.NextAsync();
        await client.DisposeAsync();
        foreach (var task in asked) await Assert.ThrowsAsync<XenstoreConnectionException>(() => task.WaitAsync(ScriptedPeer.Patience, Cancel));
        Assert.Equal(default, client.Holdings);
        await peer.DisposeAsync();
        return [.. asked.Select(task => new WeakReference(task))];
    }

    /// <summary>As a guest, who may have few transactions: what is left behind shows.</summary>
    private static async Task OnAsync(bool real, Func<Func<Task<XsClient>>, Task> test)
    {
        using var folder = new TempFolder();
        await using IAsyncDisposable store = real ? await RealXenstored.StartAsync(Cancel) : EmbeddedXenstore.Start(folder["store"]);
        var (socketOf, lifecycleOf) = store is RealXenstored server
            ? ((Func<Domid, string>)server.SocketOf, (Func<XsClient, DomainLifecycle>)server.Lifecycle)
            : (((EmbeddedXenstore)store).SocketOf, _ => DomainLifecycle.Of((EmbeddedXenstore)store));
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(socketOf(Domid.Zero)), Cancel);
        var guest = await new SimulatedToolstack(dom0, lifecycleOf(dom0)).CreateAsync("guest", Cancel);
        await test(() => XsClient.ConnectAsync(XsEndpoint.Socket(socketOf(guest.Domid)), Cancel));
        if (store is not EmbeddedXenstore embedded) return;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(ScriptedPeer.Patience);
        while (embedded.HeldBy(guest.Domid) != default && !late.IsCancellationRequested) await Task.Yield();
        Assert.Equal(default, embedded.HeldBy(guest.Domid));
    }
}
