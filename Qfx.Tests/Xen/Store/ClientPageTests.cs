using System.Reactive.Linq;
using System.Threading.Channels;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Store;

/// <summary>docs/client.md, run.</summary>
public sealed class ClientPageTests
{
    [Fact]
    public async Task The_five_things_one_does_most()
    {
        using var folder = new TempFolder();
        await using var server = EmbeddedXenstore.Start(folder["store"]);
        var kinds = Channel.CreateUnbounded<WatchKind>();
        var options = new XsClientOptions { ContinueOnReader = true };
        await using var store = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), options);
        server.Introduce(new(1));
        await store.WriteTextAsync(XsPath.Home(new(1)) / "name", "work");

        await store.WriteTextAsync(new XsPath("/tool/greeting"), "hello");
        var greeting = await store.TryReadTextAsync(new XsPath("/tool/greeting"));    // null where there is no such node
        Assert.Equal("hello", greeting);

        var domains = new XsPath("/local/domain");
        var domids = await store.ListAsync(domains);
        var names = await Task.WhenAll(domids.Select(domid => store.TryReadTextAsync(domains / domid / "name")));
        Assert.Contains("work", names);

        using var watch = store.Watch(XsPath.ReleaseDomain)
            .Select(happened => happened.Kind)    // Registered at once, then DomainReleased, and Resync after a loss
            .Subscribe(kind => kinds.Writer.TryWrite(kind));
        Assert.Equal(WatchKind.Registered, await kinds.Reader.ReadAsync());
        server.Release(new(1));
        Assert.Equal(WatchKind.DomainReleased, await kinds.Reader.ReadAsync());

        var taken = await store.TransactAsync(async (tx, cancel) =>
        {
            var value = await tx.TryReadTextAsync(new XsPath("/tool/greeting"), cancel);
            if (value is not null) await tx.RemoveAsync(new XsPath("/tool/greeting"), cancel);
            return value;
        });
        Assert.Equal("hello", taken);
        Assert.Null(await store.TryReadTextAsync(new XsPath("/tool/greeting")));
    }

    [Fact]
    public void Every_line_of_code_on_the_page_stands_in_this_test()
    {
        var test = Sources.Read("Qfx.Tests/Xen/Store/ClientPageTests.cs").Split('\n').Select(line => line.Trim()).ToHashSet();
        var page = Sources.Read("docs/client.md").Split("```").Where((_, i) => i % 2 == 1)
            .SelectMany(block => block.Split('\n').Skip(1)).Select(line => line.Trim()).Where(line => line.Length > 0 && !line.Contains("FromEnvironment", StringComparison.Ordinal));
        Assert.All(page, line => Assert.Contains(line, test));
    }
}
