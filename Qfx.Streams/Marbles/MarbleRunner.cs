using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace Qfx.Streams.Marbles;

/// <summary>Plays rows in virtual time and writes down what comes out of what they are put into.</summary>
/// <param name="time">Any virtual-time scheduler: <see cref="VirtualClock"/>, or a TestScheduler. Frame 0 is its time now.</param>
/// <param name="frame">A frame lasts so long.</param>
/// <remarks>At one frame: first who subscribes or leaves, then the hot rows in the order of making, then what the tested code has scheduled.</remarks>
public sealed class MarbleRunner(IScheduler time, TimeSpan frame)
{
    private readonly DateTimeOffset start = time.Now;
    private readonly List<Action> hot = [];

    /// <summary>The frame that it is.</summary>
    public long Frame => (time.Now - start).Ticks / frame.Ticks;

    /// <summary>What happens whether anybody listens or not. What is before <c>^</c> nobody has seen.</summary>
    /// <param name="row">A hot row.</param>
    /// <param name="values">What its letters stand for.</param>
    /// <param name="error">What <c>#</c> is.</param>
    public IObservable<T> Hot<T>(MarbleRow row, MarbleValues<T> values, Exception? error = null)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(values);
        var subject = new Subject<T>();
        hot.Add(() => Send(row.Marks().Where(m => m.Frame >= 0), values, error, subject));
        return subject.AsObservable();
    }

    /// <summary>What each subscriber gets from the moment of its subscription.</summary>
    public ColdMarbles<T> Cold<T>(MarbleRow row, MarbleValues<T> values, Exception? error = null)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(values);
        return new(this, observer => Send(row.Marks(), values, error, observer));
    }

    /// <summary>Subscribes, and writes down what comes. To be called before <see cref="Run"/>.</summary>
    /// <param name="source">What is tested.</param>
    /// <param name="values">Gives letters to what comes.</param>
    /// <param name="subscription">When to subscribe and to leave; null for frame 0 and never.</param>
    public MarbleRecord Record<T>(IObservable<T> source, MarbleValues<T> values, MarbleRow? subscription = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(values);
        var record = new MarbleRecord();
        var subscribed = new SerialDisposable();
        void Note(char mark) => record.Add(Frame, mark);
        void Subscribe() => subscribed.Disposable = source.Subscribe(
            value => Note(values.LetterOf(value)),
            error =>
            {
                Note('#');
                record.Error = error;
            },
            () => Note('|'));

        if (subscription is null) Subscribe();
        foreach (var (at, mark) in subscription?.Marks() ?? [])
        {
            if (mark == '^' && at == 0) Subscribe();
            else time.Schedule(frame * at, mark == '^' ? Subscribe : subscribed.Dispose);
        }

        return record;
    }

    /// <summary>Lets the hot rows begin, and time go by.</summary>
    /// <param name="frames">Until and including this frame. What comes later is not seen.</param>
    /// <param name="advanceBy">The scheduler's own way to let time go by.</param>
    public void Run(long frames, Action<TimeSpan> advanceBy)
    {
        ArgumentNullException.ThrowIfNull(advanceBy);
        foreach (var begin in hot) begin();
        hot.Clear();
        advanceBy((frame * (frames + 1)) - TimeSpan.FromTicks(1));
    }

    private CompositeDisposable Send<T>(IEnumerable<(long Frame, char Mark)> marks, MarbleValues<T> values, Exception? error, IObserver<T> to)
    {
        var scheduled = new CompositeDisposable();
        foreach (var (at, mark) in marks.Where(m => m.Mark != '^'))
        {
            scheduled.Add(time.Schedule(frame * at, () =>
            {
                if (mark == '|') to.OnCompleted();
                else if (mark == '#') to.OnError(error ?? new InvalidOperationException("#"));
                else to.OnNext(values.Read(mark));
            }));
        }

        return scheduled;
    }
}

/// <summary>A cold row, and who has subscribed to it.</summary>
public sealed class ColdMarbles<T> : ObservableBase<T>
{
    private readonly MarbleRunner runner;
    private readonly Func<IObserver<T>, IDisposable> send;
    private readonly List<MarbleRow> subscriptions = [];

    internal ColdMarbles(MarbleRunner runner, Func<IObserver<T>, IDisposable> send) => (this.runner, this.send) = (runner, send);

    /// <summary>A subscription row for each subscriber, in the order of coming.</summary>
    public IReadOnlyList<MarbleRow> Subscriptions => subscriptions;

    /// <inheritdoc/>
    protected override IDisposable SubscribeCore(IObserver<T> observer)
    {
        var (index, from) = (subscriptions.Count, runner.Frame);
        subscriptions.Add(MarbleRow.Of([(from, '^')]));
        return StableCompositeDisposable.Create(
            send(observer),
            Disposable.Create(() => subscriptions[index] = MarbleRow.Of([(from, '^'), (runner.Frame, '!')])));
    }
}

/// <summary>What came out, as a row.</summary>
public sealed class MarbleRecord
{
    private readonly List<(long Frame, char Mark)> marks = [];

    /// <summary>So far.</summary>
    public MarbleRow Row => MarbleRow.Of(marks);

    /// <summary>What <c>#</c> was, if it came.</summary>
    public Exception? Error { get; internal set; }

    internal void Add(long frame, char mark) => marks.Add((frame, mark));
}
