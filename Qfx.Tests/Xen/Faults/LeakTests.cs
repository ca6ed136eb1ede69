using System.Collections.Concurrent;
using System.Reactive.Linq;
using System.Runtime.CompilerServices;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Faults;

/// <summary>After a storm of faults nothing is left of it: no request, no watch, no subscriber, no transaction, no connection and no task.</summary>
public abstract class LeakTests(XsClientOptions options) : FaultFixture(options)
{
    private const int Rounds = 40;

    /// <summary>Streams that the framework's pools may still hold for a moment; fifty or more were opened.</summary>
    private const int Tolerated = 5;

    [Fact]
    public async Task Nothing_is_left_of_a_storm_of_faults()
    {
        var random = Seeded.Random();
        var asked = new ConcurrentQueue<Task>();
        using var kept = Client.Watch(Test / "kept").Subscribe(_ => { });
        for (var round = 0; round < Rounds; round++) await RoundAsync(random, asked);

        (Proxy.Answers, Proxy.Chunk, Proxy.CutAfter) = (frame => [frame], 0, long.MaxValue);
        await Proxy.Dam.OpenAsync();
        await AgainAsync();
        await AskAllAsync();
        foreach (var task in asked) await EndedAsync(task);

        // What is sent behind UNWATCH is answered behind it.
        await Client.ListAsync(XsPath.Root, Cancel).WaitAsync(ScriptedPeer.Patience, Cancel);
        Assert.Equal(new(Requests: 0, Watches: 1, Registrations: 1, Subscribers: 1), Client.Holdings);
        Assert.Equal((Connections: 1, Watches: 1, Transactions: 0), await ServerAsync());
        Assert.Equal(2, Proxy.Open);
        Assert.Equal(1, OpenSockets);
        Assert.InRange(Proxy.Connections, Rounds, int.MaxValue);
        Assert.InRange(LiveStreams, 1, Tolerated);

        kept.Dispose();
        await Client.ListAsync(XsPath.Root, Cancel).WaitAsync(ScriptedPeer.Patience, Cancel);
        Assert.Equal(new(Requests: 0, Watches: 0, Registrations: 0, Subscribers: 0), Client.Holdings);
        Assert.Equal((Connections: 1, Watches: 0, Transactions: 0), await ServerAsync());
    }

    /// <summary>Requests, watches and transactions under way, some of them given up, when a fault strikes and the connection ends.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task RoundAsync(Random random, ConcurrentQueue<Task> asked)
    {
        await Proxy.ConnectedAsync();
        var fault = random.Next(5);
        Proxy.Answers = fault switch
        {
            0 => frame => [frame, frame],
            1 => _ => [],
            2 => _ => [new byte[16]],
            3 => frame => [[.. frame.Reverse()]],
            _ => frame => [frame],
        };
        Proxy.Chunk = random.Next(20);
        var late = random.Next(3) == 0;
        if (late) Proxy.Dam.Close();

        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var watches = new System.Reactive.Disposables.CompositeDisposable();
        for (var i = 0; i < 10; i++)
        {
            var cancel = random.Next(2) == 0 ? givenUp.Token : Cancel;
            asked.Enqueue(Client.ReadAsync(Test / $"{i}", cancel));
            asked.Enqueue(Client.WriteTextAsync(Test / $"{i}", "value", cancel));
            asked.Enqueue(Client.TransactAsync(async (tx, ct) => await tx.TryReadAsync(Test / "kept", ct), cancel));
            watches.Add(Client.Watch(Test / $"watched-{random.Next(5)}").Subscribe(_ => { }, _ => { }));
            if (random.Next(3) == 0) await givenUp.CancelAsync();
        }

        if (fault != 1 && !late) await EndedAsync(asked.Last());
        Proxy.CutAfter = random.Next(3) == 0 ? random.Next(1, 200) : long.MaxValue;    // of the next connection
        Proxy.Answers = frame => [frame];    // before the next connection: it may be there at once
        Proxy.Break();
        await Proxy.Dam.OpenAsync();
    }

    /// <summary>An answer, a refusal, a lost connection or a cancellation: anything but silence.</summary>
    private static async Task EndedAsync(Task task)
    {
        try
        {
            await task.WaitAsync(ScriptedPeer.Patience, Cancel);
        }
        catch (Exception e) when (e is XenstoreException or XenstoreConnectionException or OperationCanceledException)
        {
            // It has ended.
        }
    }

    /// <summary>What the server holds, once it has noticed which connections have ended.</summary>
    private async Task<(int Connections, int Watches, int Transactions)> ServerAsync()
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(ScriptedPeer.Patience);
        while (Store.HeldBy(Domid.Zero).Connections > 1 && !late.IsCancellationRequested) await Task.Yield();
        return Store.HeldBy(Domid.Zero);
    }
}

/// <summary>By the framework's own way of reading.</summary>
public sealed class LeakTestsOnThePool() : LeakTests(new());

/// <summary>With continuations on the thread that reads.</summary>
public sealed class LeakTestsOnTheReader() : LeakTests(new() { ContinueOnReader = true });
