using CsCheck;
using Qfx.Tests.Support;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

public sealed class XsClientTransactionsTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");

    private readonly PromptScheduler time = new();
    private readonly XsClient client;
    private readonly ScriptedPeer peer;

    public XsClientTransactionsTests() =>
        (client, peer) = ScriptedPeer.Connect(new() { Scheduler = time, Jitter = () => 1 - 1e-9 });

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task What_the_body_asks_bears_the_transactions_number_and_is_committed()
    {
        var done = client.TransactAsync(async (store, cancel) =>
        {
            var value = await store.ReadAsync(A, cancel);
            await store.WriteAsync(A, default, cancel);
            return value[0];
        });
        await peer.GrantAsync(XsType.TransactionStart, "|", "4294967295|");
        await GrantInAsync(uint.MaxValue, XsType.Read, "/a|", "v");
        await GrantInAsync(uint.MaxValue, XsType.Write, "/a|");
        await GrantInAsync(uint.MaxValue, XsType.TransactionEnd, "T|");
        Assert.Equal((byte)'v', await done.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task A_body_that_throws_aborts_and_its_exception_is_passed_on()
    {
        var mistake = new InvalidOperationException("a mistake");
        var done = client.TransactAsync<int>((_, _) => throw mistake);
        await peer.GrantAsync(XsType.TransactionStart, "|", "7|");
        await GrantInAsync(7, XsType.TransactionEnd, "F|");
        Assert.Same(mistake, await Assert.ThrowsAsync<InvalidOperationException>(() => done.WaitAsync(ScriptedPeer.Patience)));
    }

    [Fact]
    public async Task An_operation_refused_in_the_body_aborts_and_is_not_tried_again()
    {
        var done = client.TransactAsync((store, cancel) => store.ReadAsync(A, cancel));
        await peer.GrantAsync(XsType.TransactionStart, "|", "7|");
        await peer.RefuseAsync(await peer.ExpectAsync(XsType.Read, "/a|"), "EAGAIN");
        await GrantInAsync(7, XsType.TransactionEnd, "F|");
        await Assert.ThrowsAsync<XenstoreException>(() => done.WaitAsync(ScriptedPeer.Patience));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task A_transaction_that_met_another_one_is_run_again_with_a_new_number()
    {
        var runs = 0;
        var done = client.TransactAsync((_, _) => Task.FromResult(++runs));
        await peer.GrantAsync(XsType.TransactionStart, "|", "1|");
        await peer.RefuseAsync(await peer.ExpectAsync(XsType.TransactionEnd, "T|"), "EAGAIN");
        await peer.GrantAsync(XsType.TransactionStart, "|", "2|");
        await GrantInAsync(2, XsType.TransactionEnd, "T|");
        Assert.Equal(2, await done.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task EAGAIN_for_ever_ends_after_sixteen_attempts_and_pauses_that_grow_to_a_quarter_of_a_second()
    {
        var done = client.TransactAsync((_, _) => Task.FromResult(0));
        for (var attempt = 1; attempt <= 16; attempt++)
        {
            await peer.GrantAsync(XsType.TransactionStart, "|", $"{attempt}|");
            await peer.RefuseAsync(await peer.ExpectAsync(XsType.TransactionEnd, "T|"), "EAGAIN");
        }

        var e = await Assert.ThrowsAsync<XenstoreException>(() => done.WaitAsync(ScriptedPeer.Patience));
        Assert.Equal(XsError.EAGAIN, e.Error);
        int[] expected = [2, 4, 8, 16, 32, 64, 128, 250, 250, 250, 250, 250, 250, 250, 250];
        Assert.Equal(expected, time.Pauses.Select(pause => (int)Math.Round(pause.TotalMilliseconds)));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public void A_pause_is_between_half_and_the_whole_of_what_the_attempt_allows() =>
        Gen.Select(Gen.Int[1, 100], Gen.Double[0, 0.999999]).Sample((attempt, jitter) =>
        {
            var pauses = new XsClientOptions().TransactionPauses;
            var whole = Math.Min(pauses.Longest.TotalMilliseconds, pauses.First.TotalMilliseconds * Math.Pow(2, attempt - 1));
            var pause = pauses.After(attempt, () => jitter).TotalMilliseconds;
            return pause >= whole / 2 && pause <= whole;
        });

    [Fact]
    public async Task Cancelling_during_a_pause_ends_the_waiting()
    {
        using var cancel = new CancellationTokenSource();
        time.DuringPause = cancel.Cancel;
        var done = client.TransactAsync((_, _) => Task.FromResult(0), cancel.Token);
        await peer.GrantAsync(XsType.TransactionStart, "|", "1|");
        await peer.RefuseAsync(await peer.ExpectAsync(XsType.TransactionEnd, "T|"), "EAGAIN");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => done.WaitAsync(ScriptedPeer.Patience));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task No_more_than_so_many_are_open_at_once_and_one_in_a_pause_is_not_counted()
    {
        var (narrow, server) = ScriptedPeer.Connect(new() { Scheduler = time, TransactionsAtOnce = 1 });
        await using var _ = narrow;
        await using var __ = server;
        Task<int>? second = null;
        time.InPause = () => second = narrow.TransactAsync((_, _) => Task.FromResult(2));
        var first = narrow.TransactAsync((_, _) => Task.FromResult(1));
        await server.GrantAsync(XsType.TransactionStart, "|", "1|");
        await server.RefuseAsync(await server.ExpectAsync(XsType.TransactionEnd, "T|"), "EAGAIN");
        await server.GrantAsync(XsType.TransactionStart, "|", "2|");    // the second's, begun while the first paused
        var end = await server.ExpectAsync(XsType.TransactionEnd, "T|");
        await server.ExpectNothingBeforeAsync(narrow);
        await server.AnswerAsync(end);
        await server.GrantAsync(XsType.TransactionStart, "|", "3|");
        await server.GrantAsync(XsType.TransactionEnd, "T|");
        Assert.Equal(2, await second!.WaitAsync(ScriptedPeer.Patience));
        Assert.Equal(1, await first.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task One_that_is_cancelled_while_it_waits_for_its_turn_takes_none()
    {
        var (narrow, server) = ScriptedPeer.Connect(new() { TransactionsAtOnce = 1 });
        await using var _ = narrow;
        await using var __ = server;
        using var cancel = new CancellationTokenSource();
        var first = narrow.TransactAsync((_, _) => Task.FromResult(1));
        var second = narrow.TransactAsync((_, _) => Task.FromResult(2), cancel.Token);
        var third = narrow.TransactAsync((_, _) => Task.FromResult(3));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(ScriptedPeer.Patience));
        await server.GrantAsync(XsType.TransactionStart, "|", "1|");
        await server.GrantAsync(XsType.TransactionEnd, "T|");
        await server.GrantAsync(XsType.TransactionStart, "|", "2|");
        await server.GrantAsync(XsType.TransactionEnd, "T|");
        Assert.Equal(1, await first.WaitAsync(ScriptedPeer.Patience));
        Assert.Equal(3, await third.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task Cancelling_while_the_start_is_under_way_leaves_no_transaction_behind()
    {
        using var cancel = new CancellationTokenSource();
        var done = client.TransactAsync((_, _) => Task.FromResult(0), cancel.Token);
        var start = await peer.ExpectAsync(XsType.TransactionStart, "|");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => done.WaitAsync(ScriptedPeer.Patience));
        await peer.AnswerAsync(start, "9|");
        await GrantInAsync(9, XsType.TransactionEnd, "F|");
    }

    [Fact]
    public async Task Cancelling_in_the_body_aborts_even_if_the_body_does_not_mind()
    {
        using var cancel = new CancellationTokenSource();
        var done = client.TransactAsync((_, _) =>
        {
            cancel.Cancel();
            return Task.FromResult(0);
        }, cancel.Token);
        await peer.GrantAsync(XsType.TransactionStart, "|", "3|");
        await GrantInAsync(3, XsType.TransactionEnd, "F|");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => done.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task The_operations_are_of_no_use_after_the_body()
    {
        var done = client.TransactAsync((store, _) => Task.FromResult(store));
        await peer.GrantAsync(XsType.TransactionStart, "|", "3|");
        await GrantInAsync(3, XsType.TransactionEnd, "T|");
        var kept = await done.WaitAsync(ScriptedPeer.Patience);
        await Assert.ThrowsAsync<InvalidOperationException>(() => kept.ReadAsync(A));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task A_transaction_without_a_number_is_no_transaction()
    {
        var done = client.TransactAsync((_, _) => Task.FromResult(0));
        await peer.GrantAsync(XsType.TransactionStart, "|", "0|");
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => done.WaitAsync(ScriptedPeer.Patience));
    }

    private async Task GrantInAsync(uint transaction, XsType type, string payload, string answer = "OK|")
    {
        var request = await peer.ExpectAsync(type, payload);
        Assert.Equal(transaction, request.Transaction);
        await peer.AnswerAsync(request, answer);
    }
}
