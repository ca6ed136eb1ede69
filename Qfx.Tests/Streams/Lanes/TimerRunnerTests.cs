using System.Reactive.Subjects;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Exchange;
using Qfx.Streams.Lanes;

namespace Qfx.Tests.Streams.Lanes;

public sealed class TimerRunnerTests : IDisposable
{
    private static readonly TimerId One = new TimerId.Question(new(1));
    private static readonly TimerId Two = new TimerId.Waiting(new(2));

    private readonly TestScheduler time = new();
    private readonly Subject<ExchangeCommand> commands = new();
    private readonly List<(long Second, TimerId Timer)> up = [];
    private readonly IDisposable subscription;

    public TimerRunnerTests() => subscription = commands.RunTimers(time).Subscribe(
        e => up.Add((time.Clock / TimeSpan.TicksPerSecond, ((ExchangeEvent.TimeUp)e).Timer)));

    public void Dispose()
    {
        subscription.Dispose();
        commands.Dispose();
    }

    [Fact]
    public void A_timer_is_up_once_after_its_time()
    {
        Start(One, 5);
        Start(Two, 3);
        Pass(60);
        Assert.Equal([(3, Two), (5, One)], up);
    }

    [Fact]
    public void A_timer_that_is_stopped_is_never_up()
    {
        Start(One, 5);
        Pass(4);
        commands.OnNext(new ExchangeCommand.StopTimer(One));
        commands.OnNext(new ExchangeCommand.StopTimer(Two));
        Pass(60);
        Assert.Empty(up);
    }

    [Fact]
    public void A_timer_that_is_started_again_counts_anew()
    {
        Start(One, 5);
        Pass(4);
        Start(One, 5);
        Pass(60);
        Assert.Equal([(9, One)], up);
    }

    [Fact]
    public void Nothing_comes_after_disposal()
    {
        Start(One, 5);
        subscription.Dispose();
        Pass(60);
        Assert.Empty(up);
    }

    private void Start(TimerId timer, int seconds) => commands.OnNext(new ExchangeCommand.StartTimer(timer, TimeSpan.FromSeconds(seconds)));

    private void Pass(int seconds) => time.AdvanceBy(TimeSpan.FromSeconds(seconds).Ticks);
}
