using System.Collections.Concurrent;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Requests;

/// <summary>Domains that come and go on many threads at once, with a store that answers when it does.</summary>
public sealed class QpenWatchesThreadsTests
{
    private const int Threads = 4;
    private const int Steps = 150;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_followed_in_the_end_is_heard_and_no_watch_is_left_over()
    {
        using var folder = new TempFolder();
        await using var store = EmbeddedXenstore.Start(folder["store"]);
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(Domid.Zero)), Cancel);
        using var watches = new QpenWatches(client, new WatchStrategy(Above: 6, Below: 4));
        var followed = new ConcurrentDictionary<int, (IDisposable Subscription, SemaphoreSlim Told)>();
        var random = Seeded.Random();
        var seeds = Enumerable.Range(0, Threads).Select(_ => random.Next()).ToArray();
        await Task.WhenAll(seeds.Select((seed, thread) => Task.Run(() => ComeAndGo(watches, followed, new Random(seed), thread), Cancel)));

        foreach (var (domid, (_, told)) in followed)
        {
            while (told.Wait(0, Cancel))
            {
            }

            await client.WriteTextAsync(QpenNode.Of(new(domid)), "new", Cancel);
            Assert.True(await told.WaitAsync(ScriptedPeer.Patience, Cancel), $"a write of domain {domid} was not told");
        }

        await RegisteredAsync(client, watches.IsCovering ? 1 : followed.Count);
        foreach (var (subscription, _) in followed.Values) subscription.Dispose();
        await RegisteredAsync(client, 0);
    }

    private static void ComeAndGo(QpenWatches watches, ConcurrentDictionary<int, (IDisposable Subscription, SemaphoreSlim Told)> followed, Random random, int thread)
    {
        for (var step = 0; step < Steps; step++)
        {
            var domid = (thread * 4) + random.Next(4) + 1;
            if (followed.TryRemove(domid, out var gone))
            {
                gone.Subscription.Dispose();
                continue;
            }

            var told = new SemaphoreSlim(0);
            followed[domid] = (watches.Of(new(domid)).Subscribe(_ => told.Release()), told);
        }
    }

    /// <summary>So many watches, once what is under way has arrived.</summary>
    private static async Task RegisteredAsync(XsClient client, int watches)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(ScriptedPeer.Patience);
        while (client.Holdings.Registrations != watches && !late.IsCancellationRequested) await client.ListAsync(XsPath.Root, Cancel);
        Assert.Equal(watches, client.Holdings.Registrations);
    }
}
