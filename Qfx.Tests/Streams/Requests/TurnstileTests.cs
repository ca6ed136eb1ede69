using System.Reactive.Disposables;
using System.Reactive.Linq;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Requests;

/// <summary>Who asks too fast waits in turn. A look takes two frames here; what begins is written down in the frame that it is.</summary>
public sealed class TurnstileTests : IDisposable
{
    private readonly TestScheduler time = new();
    private readonly Turnstile turnstile;
    private readonly List<(char Who, long Frame)> begun = [];
    private readonly CompositeDisposable looks = [];

    public TurnstileTests() => turnstile = new(time);

    public void Dispose()
    {
        looks.Dispose();
        turnstile.Dispose();
    }

    [Fact]
    public void One_goes_through_at_a_time_and_then_nobody_for_fifteen_times_as_long()
    {
        Come('a');
        Come('b');
        Come('c', frames: 1);
        Pass(100);

        Assert.Equal([('a', 0), ('b', 32), ('c', 64)], begun);
    }

    [Fact]
    public void Who_comes_when_the_rest_is_over_does_not_wait()
    {
        Come('a');
        Pass(31);
        Come('b');
        Assert.Single(begun);
        Pass(1);
        Assert.Equal(('b', 32), begun[^1]);

        Pass(32);
        Come('c');
        Assert.Equal(('c', 64), begun[^1]);
    }

    [Fact]
    public void Who_leaves_while_waiting_is_passed_over_and_who_leaves_inside_makes_room()
    {
        var a = Come('a', frames: 1000);
        var b = Come('b');
        Come('c');
        Pass(1);
        b.Dispose();
        a.Dispose();    // after one frame
        Pass(15);

        Assert.Equal([('a', 0), ('c', 16)], begun);
    }

    [Fact]
    public void What_fails_makes_room_too()
    {
        looks.Add(turnstile.Through(Observable.Throw<char>(new InvalidOperationException())).Subscribe(_ => { }, _ => { }));
        Come('b');

        Assert.Equal([('b', 0)], begun);
    }

    [Fact]
    public void When_it_is_ended_nobody_goes_through_any_more()
    {
        Come('a');
        Come('b');
        turnstile.Dispose();
        Pass(100);

        Assert.Single(begun);
    }

    private IDisposable Come(char who, int frames = 2)
    {
        var look = turnstile.Through(Observable.Defer(() =>
        {
            begun.Add((who, time.Clock / Marble.Frame.Ticks));
            return Observable.Timer(Marble.Frame * frames, time);
        })).Subscribe();
        looks.Add(look);
        return look;
    }

    private void Pass(int frames) => time.AdvanceBy(Marble.Frame.Ticks * frames);
}
