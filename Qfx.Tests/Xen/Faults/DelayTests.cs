using System.Globalization;
using System.Reactive.Linq;
using System.Threading.Channels;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Faults;

/// <summary>Answers that are held back until the test lets them go, merged and cut as it likes.</summary>
public abstract class DelayTests(XsClientOptions options) : FaultFixture(options)
{
    [Fact]
    public async Task Late_answers_are_answers_all_the_same_and_nobody_is_told_before()
    {
        Proxy.Dam.Close();
        var writes = Enumerable.Range(0, 8).Select(i => Client.WriteTextAsync(Test / $"{i}", $"{i}", Cancel)).ToArray();
        var reads = Enumerable.Range(0, 8).Select(i => Client.ReadTextAsync(Test / $"{i}", Cancel)).ToArray();
        await Proxy.Dam.HeldAsync(16);
        Assert.DoesNotContain(writes, write => write.IsCompleted);
        Assert.DoesNotContain(reads, read => read.IsCompleted);
        await Proxy.Dam.OpenAsync();
        await Task.WhenAll(writes).WaitAsync(ScriptedPeer.Patience, Cancel);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}"), await Task.WhenAll(reads).WaitAsync(ScriptedPeer.Patience, Cancel));
    }

    /// <summary>An event, an answer, a value, a list and an error in one stretch of bytes, cut in two at each place.</summary>
    [Fact]
    public async Task Merged_and_cut_at_every_byte_nothing_is_lost_or_mistaken()
    {
        var seen = Channel.CreateUnbounded<string>();
        using var watch = Client.Watch(Test).Subscribe(e => seen.Writer.TryWrite($"{e.Kind} {e.Path}"));
        Assert.Equal("Registered /test", await seen.Reader.ReadAsync(Cancel).AsTask().WaitAsync(ScriptedPeer.Patience, Cancel));
        int length;
        var cut = 0;
        do
        {
            cut++;
            var value = cut.ToString(CultureInfo.InvariantCulture);
            Proxy.Dam.Close();
            var write = Client.WriteTextAsync(Test / "node", value, Cancel);
            var read = Client.ReadTextAsync(Test / "node", Cancel);
            var list = Client.ListAsync(Test, Cancel);
            var missing = Client.TryReadAsync(Test / "none", Cancel);
            await Proxy.Dam.HeldAsync(5);
            length = await Proxy.Dam.OpenAsync(cut);
            await write.WaitAsync(ScriptedPeer.Patience, Cancel);
            Assert.Equal(value, await read.WaitAsync(ScriptedPeer.Patience, Cancel));
            Assert.Equal(["node"], await list.WaitAsync(ScriptedPeer.Patience, Cancel));
            Assert.Null(await missing.WaitAsync(ScriptedPeer.Patience, Cancel));
            Assert.Equal("Changed /test/node", await seen.Reader.ReadAsync(Cancel).AsTask().WaitAsync(ScriptedPeer.Patience, Cancel));
        }
        while (cut < length);

        Assert.InRange(cut, 90, 200);
        Assert.Equal(0, seen.Reader.Count);
    }

    [Fact]
    public async Task Late_in_another_order_and_partly_given_up_each_answer_is_for_who_asked()
    {
        var other = new XsPath("/other");
        for (var i = 0; i < 32; i++) await Client.WriteTextAsync(other / $"{i}", $"{i}", Cancel);
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Proxy.Dam.Close();
        var reads = Enumerable.Range(0, 32).Select(i => Client.ReadTextAsync(other / $"{i}", i % 2 == 0 ? Cancel : givenUp.Token)).ToArray();
        await Proxy.Dam.HeldAsync(32);
        await givenUp.CancelAsync();
        var random = new Random(1);
        await Proxy.Dam.OpenAsync(frames => frames.OrderBy(_ => random.Next()));
        for (var i = 0; i < 32; i++)
        {
            var read = reads[i].WaitAsync(ScriptedPeer.Patience, Cancel);
            if (i % 2 == 0) Assert.Equal($"{i}", await read);
            else await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        await AskAllAsync();
        Assert.Equal(0, Client.Holdings.Requests);
    }

    [Fact]
    public async Task A_transaction_that_was_given_up_before_it_had_its_number_is_ended_on_the_server()
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Proxy.Dam.Close();
        var transaction = Client.TransactAsync((_, _) => Task.FromResult(0), givenUp.Token);
        await Proxy.Dam.HeldAsync(1);
        Assert.Equal(1, Store.HeldBy(Domid.Zero).Transactions);
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transaction.WaitAsync(ScriptedPeer.Patience, Cancel));
        await Proxy.Dam.OpenAsync();
        await AskAllAsync();    // behind the end of it
        Assert.Equal(0, Store.HeldBy(Domid.Zero).Transactions);
    }
}

/// <summary>By the framework's own way of reading.</summary>
public sealed class DelayTestsOnThePool() : DelayTests(new());

/// <summary>With continuations on the thread that reads.</summary>
public sealed class DelayTestsOnTheReader() : DelayTests(new() { ContinueOnReader = true });
