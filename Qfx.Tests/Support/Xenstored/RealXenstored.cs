using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Support.Xenstored;

/// <summary>A real xenstored for one test; domains are played by bridges.</summary>
internal sealed class RealXenstored : IAsyncDisposable
{
    private readonly Dictionary<Domid, RingBridge> bridges = [];
    private readonly XenstoredProcess process;

    private RealXenstored(XenstoredProcess process) => this.process = process;

    /// <summary>Where dom0's clients connect.</summary>
    public string SocketPath => process.SocketPath;

    /// <summary>Why it cannot be run here, as a sentence; null if it can.</summary>
    public static string? Missing(XenstoredKind kind = XenstoredKind.C) => XenstoredProcess.Missing(kind);

    /// <summary>Starts one; the test is skipped, saying why, where that cannot be.</summary>
    public static async Task<RealXenstored> StartAsync(CancellationToken cancel, XenstoredKind kind = XenstoredKind.C)
    {
        if (Missing(kind) is { } reason) Assert.Skip(reason);
        var store = new RealXenstored(await XenstoredProcess.StartAsync(kind, cancel));
        await store.PopulateAsync(cancel);
        return store;
    }

    /// <summary>As xen-init-dom0 does.</summary>
    public async Task PopulateAsync(CancellationToken cancel)
    {
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(SocketPath), cancel);
        await dom0.WriteTextAsync(new XsPath("/local/domain/0/name"), "Domain-0", cancel);
        await dom0.WriteTextAsync(new XsPath("/local/domain/0/domid"), "0", cancel);
    }

    /// <summary>Where a domain's clients connect, once it is introduced.</summary>
    public string SocketOf(Domid domid) => domid == Domid.Zero ? SocketPath : bridges[domid].SocketPath;

    /// <summary>Introduces domains by the wire, and gives each a socket.</summary>
    public DomainLifecycle Lifecycle(XsClient dom0) => new(
        async (domid, cancel) =>
        {
            await dom0.IntroduceAsync(domid, 1, 7, cancel);
            bridges.Add(domid, RingBridge.Open(process.Folder, domid));
        },
        async (domid, cancel) =>
        {
            if (bridges.Remove(domid, out var bridge)) await bridge.DisposeAsync();
            await dom0.ReleaseAsync(domid, cancel);
        },
        (_, _) => Task.CompletedTask);

    /// <summary>
    /// Domains that nobody plays: they ask nothing and cost no thread. They are introduced when asked for, all at once: from then on
    /// each costs the server its part of every request.
    /// </summary>
    public static (DomainLifecycle Lifecycle, Func<CancellationToken, Task> Introduce) Unplayed(XsClient dom0)
    {
        var created = new List<Domid>();
        return (
            new(
                (domid, _) =>
                {
                    created.Add(domid);
                    return Task.CompletedTask;
                },
                dom0.ReleaseAsync, (_, _) => Task.CompletedTask),
            cancel => IntroduceAsync(dom0, created, cancel));
    }

    /// <summary>Introduces domains that nobody plays.</summary>
    public static Task IntroduceAsync(XsClient dom0, IEnumerable<Domid> domids, CancellationToken cancel) =>
        Task.WhenAll(domids.Select(domid => dom0.IntroduceAsync(domid, 1, 7, cancel)));

    /// <summary>The server is killed (SIGKILL) and started again: the same socket, an empty store.</summary>
    public async Task RestartAsync(CancellationToken cancel)
    {
        await EndBridgesAsync();
        await process.KillAsync();
        await process.StartAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await EndBridgesAsync();
        await process.DisposeAsync();
    }

    private async Task EndBridgesAsync()
    {
        foreach (var bridge in bridges.Values) await bridge.DisposeAsync();
        bridges.Clear();
    }
}
