using System.Text;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>What a guest may hold, counted on the real C server with its own defaults and on the embedded store: the same numbers and the same refusals.</summary>
public sealed class QuotaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The quota is 128, and one more is let through.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_guest_has_129_watches_in_all_its_connections(bool real) => OnAsync(real, (dom0, guest, other) =>
    {
        Assert.Equal(100, Count(100, i => guest.Do(XsType.Watch, $"/t/{i}|1|")).Done);
        Assert.Equal((29, "E2BIG|"), Count(200, i => other.Do(XsType.Watch, $"/t/{i}|2|")));
        Assert.Equal("OK|", guest.Do(XsType.Unwatch, "/t/1|1|"));
        Assert.Equal((1, "E2BIG|"), Count(200, i => other.Do(XsType.Watch, $"/t/{i}|3|")));
        Assert.Equal((1500, ""), Count(1500, i => dom0.Do(XsType.Watch, $"/t/{i}|1|")));
    });

    /// <summary>The quota is 10, and one more is let through.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_guest_has_11_transactions_in_all_its_connections(bool real) => OnAsync(real, (dom0, guest, other) =>
    {
        Assert.Equal(6, Count(6, _ => guest.Do(XsType.TransactionStart, "|")).Done);
        Assert.Equal((5, "ENOSPC|"), Count(50, _ => other.Do(XsType.TransactionStart, "|")));
        Assert.Equal((100, ""), Count(100, _ => dom0.Do(XsType.TransactionStart, "|")));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_guest_owns_1000_nodes_whoever_made_them(bool real) => OnAsync(real, (dom0, guest, other) =>
    {
        Own(dom0, "/t/g");
        Own(dom0, "/t/given");
        Assert.Equal((998, "ENOSPC|"), Count(2000, i => (i % 2 == 0 ? guest : other).Do(XsType.Write, $"/t/g/{i % 10}/{i}|")) is var (done, why) ? (done + 10, why) : default);
        Assert.Equal("ENOSPC|", guest.Do(XsType.Mkdir, "/t/given/more|"));
        Assert.Equal("OK|", dom0.Do(XsType.Rm, "/t/given|"));
        Assert.Equal("OK|", guest.Do(XsType.Mkdir, "/t/g/more|"));
        Assert.Equal("ENOSPC|", guest.Do(XsType.Mkdir, "/t/g/evenmore|"));

        // dom0 may give it more than it may make.
        Own(dom0, "/t/present");
        Assert.Equal("OK|", guest.Do(XsType.Rm, "/t/g/more|"));
        Assert.Equal("ENOSPC|", guest.Do(XsType.Mkdir, "/t/g/more|"));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Nodes_made_in_a_transaction_are_counted_at_its_commit(bool real) => OnAsync(real, (dom0, guest, other) =>
    {
        Own(dom0, "/t/g");
        Assert.Equal(790, Count(790, i => guest.Do(XsType.Write, $"/t/g/{i % 10}/{i}|")).Done);    // and ten above them, and g
        var enough = guest.Begin();
        Assert.Equal((198, ""), Count(198, i => guest.Do(XsType.Write, $"/t/g/{i % 10}/more{i}|", enough)));
        Assert.Equal("OK|", guest.Do(XsType.TransactionEnd, "T|", enough));
        var more = guest.Begin();
        Assert.Equal((3, ""), Count(3, i => guest.Do(XsType.Write, $"/t/g/{i}/again|", more)));
        Assert.Equal("ENOSPC|", guest.Do(XsType.TransactionEnd, "T|", more));
        Assert.Equal("ENOENT|", guest.Do(XsType.Read, "/t/g/0/again|"));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_guest_gives_5_permissions_a_node_and_looks_at_1024_nodes_in_a_transaction(bool real) => OnAsync(real, (dom0, guest, other) =>
    {
        Own(dom0, "/t/g");
        Assert.Equal("OK|", guest.Do(XsType.SetPerms, "/t/g|n1|r2|r3|r4|r5|"));
        Assert.Equal("ENOSPC|", guest.Do(XsType.SetPerms, "/t/g|n1|r2|r3|r4|r5|r6|"));
        Assert.Equal("OK|", dom0.Do(XsType.SetPerms, "/t/g|n1|r2|r3|r4|r5|r6|r7|"));
        Assert.Equal("OK|", dom0.Do(XsType.SetPerms, "/t|n0|r1|"));
        for (var i = 0; i < 1100; i++) dom0.Do(XsType.Write, $"/t/many/{i}|");
        var transaction = guest.Begin();
        var (looked, why) = Count(1100, i => guest.Do(XsType.Read, $"/t/many/{i}|", transaction));
        Assert.Equal((1024, "ENOSPC|"), (looked, why));
        Assert.Equal("ENOMEM|", guest.Do(XsType.TransactionEnd, "T|", transaction));
    });

    private static void Own(Client dom0, string node)
    {
        Assert.Equal("OK|", dom0.Do(XsType.Write, $"{node}|"));
        Assert.Equal("OK|", dom0.Do(XsType.SetPerms, $"{node}|n1|"));
    }

    /// <summary>How often it was done before it was refused, and how it was.</summary>
    private static (int Done, string Why) Count(int most, Func<int, string> ask)
    {
        for (var i = 0; i < most; i++)
        {
            var answer = ask(i);
            if (answer.StartsWith('E')) return (i, answer);
        }

        return (most, "");
    }

    private static async Task OnAsync(bool real, Action<Client, Client, Client> test)
    {
        using var folder = new TempFolder();
        await using IAsyncDisposable store = real ? await RealXenstored.StartAsync(Cancel) : EmbeddedXenstore.Start(folder["store"]);
        Func<Domid, string> socketOf = store is RealXenstored server ? server.SocketOf : ((EmbeddedXenstore)store).SocketOf;
        await using var connection = await XsClient.ConnectAsync(XsEndpoint.Socket(socketOf(Domid.Zero)), Cancel);
        var lifecycle = store is RealXenstored known ? known.Lifecycle(connection) : DomainLifecycle.Of((EmbeddedXenstore)store);
        await lifecycle.Introduce(new(1), Cancel);
        using var dom0 = new Client(socketOf(Domid.Zero));
        using var guest = new Client(socketOf(new(1)));
        using var other = new Client(socketOf(new(1)));
        dom0.Do(XsType.Write, "/t|");
        test(dom0, guest, other);
    }

    /// <summary>Asks in text; <c>|</c> stands for NUL.</summary>
    private sealed class Client(string socket) : IDisposable
    {
        private readonly RawClient raw = new(socket);

        public string Do(XsType type, string payload, uint transaction = 0) =>
            raw.Ask(type, transaction, Encoding.Latin1.GetBytes(payload.Replace('|', '\0'))).Payload.Replace('\0', '|');

        public uint Begin() => uint.Parse(Do(XsType.TransactionStart, "|").TrimEnd('|'), System.Globalization.CultureInfo.InvariantCulture);

        public void Dispose() => raw.Dispose();
    }
}
