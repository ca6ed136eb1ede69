using System.Reactive.Linq;
using System.Reactive.Subjects;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Requests;

/// <summary>The same words again, by the clock.</summary>
public sealed class RepeatsTests : IDisposable
{
    private static readonly ExchangeEvent New = Asks(1, new Request.New(null, false));

    private readonly TestScheduler time = new();
    private readonly Subject<ExchangeEvent> events = new();
    private readonly Subject<Domid> decided = new();
    private readonly List<ExchangeEvent> passed = [];
    private readonly MemoryNotes notes = new();
    private readonly IDisposable dropping;

    public RepeatsTests() => dropping = events.DropRepeats(decided, TimeSpan.FromMilliseconds(200), notes, time).Subscribe(passed.Add);

    public void Dispose()
    {
        dropping.Dispose();
        events.Dispose();
        decided.Dispose();
    }

    [Theory]
    [InlineData(199, 1)]
    [InlineData(200, 2)]
    public void The_window_ends_with_its_last_millisecond(int milliseconds, int passes)
    {
        events.OnNext(New);
        time.AdvanceBy(TimeSpan.FromMilliseconds(milliseconds).Ticks);
        events.OnNext(New);

        Assert.Equal(passes, passed.Count);
    }

    [Fact]
    public void One_that_is_dropped_is_noted_as_such_nothing_will_be_said_of_it()
    {
        var from = ((QpenEvent.Taken)((ExchangeEvent.Qpen)New).What).From;
        notes.Take(from);
        events.OnNext(New);
        notes.Take(from);
        events.OnNext(New);

        Assert.Equal(1, notes.Open(from, 0));
    }

    [Fact]
    public void Other_words_another_VM_and_what_is_no_request_pass()
    {
        ExchangeEvent[] all = [New, Asks(1, new Request.Cancel()), New, Asks(2, new Request.New(null, false)), new ExchangeEvent.Made(new(1)), new ExchangeEvent.Made(new(1))];

        foreach (var one in all) events.OnNext(one);

        Assert.Equal(all, passed);
    }

    [Fact]
    public void Once_it_is_decided_the_same_words_are_a_new_request()
    {
        events.OnNext(New);
        decided.OnNext(new(2));
        events.OnNext(New);
        Assert.Single(passed);

        decided.OnNext(new(1));
        events.OnNext(New);
        Assert.Equal(2, passed.Count);
    }

    [Fact]
    public void What_a_dead_domain_said_is_forgotten()
    {
        events.OnNext(New);
        events.OnNext(new ExchangeEvent.DomainGone(Moment.Vm(1)));
        events.OnNext(New);

        Assert.Equal(3, passed.Count);
    }

    private static ExchangeEvent.Qpen Asks(int vm, Request request) => new(new QpenEvent.Taken(Moment.Vm(vm), request));
}
