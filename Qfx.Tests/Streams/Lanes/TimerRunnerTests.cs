using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
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
        Assert.False(commands.HasObservers);
    }

    [Fact]
    public void A_timer_that_was_about_to_be_up_when_it_was_stopped_or_started_again_is_not()
    {
        var late = new LateScheduler();
        using var source = new Subject<ExchangeCommand>();
        var seen = new List<ExchangeEvent>();
        using var _ = source.RunTimers(late).Subscribe(seen.Add);
        source.OnNext(new ExchangeCommand.StartTimer(One, TimeSpan.FromSeconds(5)));
        source.OnNext(new ExchangeCommand.StartTimer(One, TimeSpan.FromSeconds(5)));
        source.OnNext(new ExchangeCommand.StartTimer(Two, TimeSpan.FromSeconds(5)));
        source.OnNext(new ExchangeCommand.StopTimer(Two));

        late.Actions[0]();
        late.Actions[2]();
        Assert.Empty(seen);

        late.Actions[1]();
        Assert.Equal([new ExchangeEvent.TimeUp(One)], seen);
    }

    private void Start(TimerId timer, int seconds) => commands.OnNext(new ExchangeCommand.StartTimer(timer, TimeSpan.FromSeconds(seconds)));

    private void Pass(int seconds) => time.AdvanceBy(TimeSpan.FromSeconds(seconds).Ticks);

    /// <summary>Lets the test do what was scheduled, though it was taken back: another thread may already be in it.</summary>
    private sealed class LateScheduler : IScheduler
    {
        public List<Action> Actions { get; } = [];

        public DateTimeOffset Now => default;

        public IDisposable Schedule<TState>(TState state, Func<IScheduler, TState, IDisposable> action) => Schedule(state, TimeSpan.Zero, action);

        public IDisposable Schedule<TState>(TState state, TimeSpan dueTime, Func<IScheduler, TState, IDisposable> action)
        {
            Actions.Add(() => action(this, state));
            return Disposable.Empty;
        }

        public IDisposable Schedule<TState>(TState state, DateTimeOffset dueTime, Func<IScheduler, TState, IDisposable> action) =>
            Schedule(state, TimeSpan.Zero, action);
    }
}
