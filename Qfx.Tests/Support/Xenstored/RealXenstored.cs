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
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketPath), cancel);
        await dom0.WriteTextAsync(new XsPath("/local/domain/0/name"), "Domain-0", cancel);    // as xen-init-dom0 does
        await dom0.WriteTextAsync(new XsPath("/local/domain/0/domid"), "0", cancel);
        return store;
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

    public async ValueTask DisposeAsync()
    {
        foreach (var bridge in bridges.Values) await bridge.DisposeAsync();
        await process.DisposeAsync();
    }
}
