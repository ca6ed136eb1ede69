using System.Text;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Requests;

/// <summary>A request is taken, whether one was to be expected or not.</summary>
public abstract class TakeTests(bool likely) : IAsyncDisposable
{
    private protected const string Request = "/local/domain/1/device/qpen";

    private static readonly Domain Work = new(new(new Domid(1), "u-1"), VmName.Parse("work"), RanBefore: false);

    private string? whenNoted;

    private protected AnsweringStore Store { get; } = new AnsweringStore().Has(Work);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Store.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Where_there_is_no_request_the_key_is_read_once_and_nothing_written(string? there)
    {
        if (there is not null) Store.Nodes[Request] = there;

        Assert.Equal(there, await TakeAsync());
        Assert.Single(Store.Asked, asked => asked == Request);
        Assert.DoesNotContain(Store.Asked, asked => asked.StartsWith("write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_cannot_be_emptied_is_not_taken()
    {
        Store.Nodes[Request] = "new";
        Store.RefusedWrites.Add(Request);

        await Assert.ThrowsAsync<XenstoreException>(TakeAsync);
        Assert.Equal("new", Store.Nodes[Request]);
    }

    [Fact]
    public async Task Taking_empties_the_key_and_is_noted_before()
    {
        Store.Nodes[Request] = "new";

        Assert.Equal("new", await TakeAsync());
        Assert.Equal(("", "new"), (Store.Nodes[Request], whenNoted));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task What_is_taken_back_at_the_last_moment_was_no_request(string? then)
    {
        Store.Nodes[Request] = "new";
        Store.BeforeTransaction = () =>
        {
            if (then is null) Store.Nodes.Remove(Request);
            else Store.Nodes[Request] = then;
        };

        Assert.Equal(then, await TakeAsync());
        Assert.Null(whenNoted);
    }

    [Fact]
    public async Task What_is_overwritten_while_it_is_taken_is_left_there_to_be_looked_at_later()
    {
        Store.Nodes[Request] = "new";
        Store.Meets = attempt => attempt == 1;
        Store.WhenMet = () => Store.Nodes[Request] = "cancel";

        Assert.Equal((null, true), await QpenNode.TakeAsync(Store, Work.Domid, likely, _ => whenNoted = Store.Nodes[Request], TestContext.Current.CancellationToken));
        Assert.Equal("cancel", Store.Nodes[Request]);
    }

    [Fact]
    public async Task The_same_words_written_again_meanwhile_are_no_reason_to_leave_it()
    {
        Store.Nodes[Request] = "new";
        Store.Meets = attempt => attempt == 1;

        Assert.Equal("new", await TakeAsync());
        Assert.Equal("", Store.Nodes[Request]);
    }

    [Fact]
    public async Task The_same_words_written_again_and_again_are_not_tried_without_end()
    {
        var attempts = 0;
        Store.Nodes[Request] = "new";
        Store.Meets = attempt => (attempts = attempt) < 10;

        Assert.Equal((null, true), await QpenNode.TakeAsync(Store, Work.Domid, likely, _ => whenNoted = Store.Nodes[Request], TestContext.Current.CancellationToken));
        Assert.Equal(10, attempts);
        Assert.Equal("new", Store.Nodes[Request]);
        Assert.Equal(4, Store.Asked.Count(asked => asked == $"write {Request}"));
    }

    private protected async Task<string?> TakeAsync() =>
        (await QpenNode.TakeAsync(Store, Work.Domid, likely, _ => whenNoted = Store.Nodes[Request], TestContext.Current.CancellationToken)).Value is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
}

/// <summary>One is to be expected.</summary>
public sealed class TakeLikelyTests() : TakeTests(likely: true)
{
    [Fact]
    public async Task It_is_read_in_the_transaction_and_not_before()
    {
        Store.Nodes[Request] = "new";
        Store.BeforeTransaction = () => Assert.Empty(Store.Asked);

        Assert.Equal("new", await TakeAsync());
        Assert.Equal([Request, $"write {Request}"], Store.Asked);
    }

    [Fact]
    public async Task One_that_comes_while_there_is_none_is_taken_at_the_next_attempt()
    {
        Store.Nodes[Request] = "";
        Store.Meets = attempt => attempt == 1;
        Store.WhenMet = () => Store.Nodes[Request] = "new";

        Assert.Equal("new", await TakeAsync());
        Assert.Equal("", Store.Nodes[Request]);
    }
}

/// <summary>None is to be expected.</summary>
public sealed class TakeUnlikelyTests() : TakeTests(likely: false)
{
    [Fact]
    public async Task Where_there_is_none_no_transaction_is_begun()
    {
        Store.Nodes[Request] = "";

        Assert.Equal("", await TakeAsync());
        Assert.Equal([Request], Store.Asked);
        Assert.Equal(0, Store.Transactions);
    }
}
