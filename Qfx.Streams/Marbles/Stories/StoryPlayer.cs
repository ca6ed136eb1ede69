using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;

namespace Qfx.Streams.Marbles;

/// <summary>Plays a story: the daemon's own rules, in virtual time.</summary>
public sealed class StoryPlayer : IDisposable
{
    private const int FramesMore = 10_000;
    private const int FloodsAbove = 4;    // statuses of one VM in one frame that are still told apart

    private readonly Story story;
    private readonly VirtualClock time = new();
    private readonly List<(long Frame, char Letter, string Row)> seen = [];
    private readonly Dictionary<string, DomainIdentity> vms = [];
    private readonly Dictionary<DomainIdentity, string> names = [];    // of all lives, ended ones too
    private readonly Subject<ExchangeEvent> inputs = new();
    private readonly List<ExchangeStep> steps = [];
    private readonly List<ExchangeCommand.Effect> begun = [];
    private readonly StorySpans spans = new();
    private int lives;

    /// <summary>A player. What is to go wrong outside is told to its <see cref="Edge"/> before it plays.</summary>
    public StoryPlayer(Story story)
    {
        ArgumentNullException.ThrowIfNull(story);
        this.story = story;
        Edge = new(time, story.Frame, Note) { Disposables = new(this) };
        foreach (var wrong in story.Edge) wrong(Edge);
        State = new(story.Settings);
    }

    /// <summary>What is outside of the rules.</summary>
    public VirtualEdge Edge { get; }

    /// <summary>The rules' state at the end.</summary>
    public ExchangeState State { get; private set; }

    /// <summary>Every turn of the rules.</summary>
    public IReadOnlyList<ExchangeStep> Steps => steps;

    /// <summary>Every effect that was begun, in order.</summary>
    public IReadOnlyList<ExchangeCommand.Effect> Begun => begun;

    /// <summary>What lasted: who had a pendrive, and when a question was on the screen.</summary>
    public IReadOnlyList<StorySpan> Spans => spans.Until(Frame);

    /// <summary>Plays it from its beginning to its end; once.</summary>
    public StoryPlayer Play()
    {
        using var running = ExchangeLoop.Run(inputs, story.Settings, Edge.Execute, new NoTakenNotes(), time).Subscribe(step =>
        {
            steps.Add(step);
            State = step.State;
            spans.Note(Frame, vms, names, State, Edge.IsAsking);
            foreach (var off in step.Commands.OfType<ExchangeCommand.CallOffQuestion>()) Edge.Close(off.Question);
        });

        var there = story.Vms.Where(name => !VirtualDisposables.Makes(name)).ToHashSet();
        foreach (var row in story.In.Where(r => there.Contains(r.Name) && !r.Row.Marks().Any(m => story.Begins(m.Mark)))) Boot(row.Name);
        foreach (var row in story.In)
        {
            foreach (var (frame, letter) in row.Row.Marks()) time.Schedule(story.Frame * frame, () => Happen(row.Name, letter));
        }

        var end = story.Frame * (story.LastFrame + 1);
        time.AdvanceTo(end - TimeSpan.FromTicks(1));

        // What has begun comes to its end, so that nothing is overlooked behind the last row.
        for (var more = 0; Edge.IsBusy && more < FramesMore; more++) time.AdvanceBy(story.Frame);
        return this;
    }

    /// <summary>Another domain, as a toolstack makes it.</summary>
    public Party Create(string name)
    {
        Boot(name);
        return new(vms[name], VmName.Parse(name));
    }

    /// <summary>Ends a domain.</summary>
    public void Destroy(DomainIdentity identity)
    {
        if (names.TryGetValue(identity, out var name) && vms[name] == identity) Die(name);
    }

    /// <summary>Tells the rules.</summary>
    public void Happen(ExchangeEvent happened) => inputs.OnNext(happened);

    /// <summary>What came out, in the order of the story's rows, and then of happening: statuses, disks, screen.</summary>
    public IReadOnlyList<StoryRow> Out()
    {
        var expected = story.Rows.Where(r => !r.In).Select(r => r.Name);
        var all = expected.Concat(story.Vms).Concat(Others).Concat(seen.Select(s => s.Row)).Distinct();
        return [.. all.Select(name => new StoryRow(name, In: false, Seen(name))).Where(row => expected.Contains(row.Name) || row.Row.Beats.Length > 0)];
    }

    /// <summary>How what came out differs from what the story expects, drawn; empty if it does not.</summary>
    /// <param name="whole">What comes out in a row that the story does not have is a difference too; else only what a VM reads is.</param>
    public IReadOnlyList<string> Differences(bool whole = false)
    {
        var expected = story.Rows.Where(r => !r.In).ToArray();
        if (expected.Length == 0) return ["The story expects nothing: one in which nothing comes out says so with a row of '-'."];
        string? Difference(string name, MarbleRow row) =>
            MarbleDrawing.Difference(name, row, Seen(name), story.Frame, letter => StoryLetters.Meaning(name, letter));

        return
        [
            .. expected.Select(row => Difference(row.Name, row.Row)).OfType<string>(),
            .. seen.Select(s => s.Row).Distinct().Where(name => whole || !Others.Contains(name)).Except(expected.Select(r => r.Name)).Select(name => Difference(name, MarbleRow.Empty)).OfType<string>()
                .Select(drawing => $"There is no row '>' for what comes out here. {drawing}"),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => inputs.Dispose();

    /// <summary>What comes out beside what VMs read.</summary>
    private static string[] Others => ["screen", "notices", "disks", "dvms"];

    private MarbleRow Seen(string name) => MarbleRow.Of(
        seen.Where(s => s.Row == name).GroupBy(s => s.Frame).SelectMany(frame => frame.Count() > FloodsAbove && vms.ContainsKey(name)
            ? [(frame.Key, StoryLetters.Flood)]
            : frame.Select(s => (s.Frame, s.Letter))));

    private void Happen(string row, char letter)
    {
        if (row == "person")
        {
            if (char.IsAsciiDigit(letter)) Edge.Choose(letter - '1');
            else Edge.Answer(letter == 'y');
            return;
        }

        if (row == "policy")
        {
            inputs.OnNext(new ExchangeEvent.PolicyChanged(Story.PolicyOf(story.Legend[letter])));
            return;
        }

        if (row == "admin")
        {
            if (State.Pendrives.IsEmpty) return;
            var youngest = State.Pendrives.Keys.MaxBy(id => id.Value);
            inputs.OnNext(letter == 'c' ? new ExchangeEvent.CancelOrdered(youngest) : new ExchangeEvent.DetachOrdered(youngest));
            return;
        }

        if (row == "daemon")
        {
            if (letter == 's') inputs.OnNext(new ExchangeEvent.Recovered(Edge.Disposables!.Records) { Pendrives = Edge.Found });
            else Edge.Disposables!.Savefile = Edge.Disposables.Savefile with { Stamp = "2" };
            return;
        }

        if (VirtualDisposables.Makes(row) && letter != 'B' && !vms.ContainsKey(row)) return;    // it has not been made
        if (story.Legend.TryGetValue(letter, out var text))
        {
            Say(row, StorySaying.Parse(text));
            return;
        }

        switch (letter)
        {
            case 'B':
                Boot(row);
                break;
            case 'L' or 'M':
                Boot(row, new(1, false, Open: letter == 'L'));
                break;
            case 'A':
                Live(row);
                inputs.OnNext(new ExchangeEvent.DomainAppeared(vms[row]));
                break;
            case 'N' or 'E':
                inputs.OnNext(new ExchangeEvent.NameBound(VmName.Parse(row), vms[row].Domid));
                break;
            case 'D':
                Die(row);
                break;
            case 'R':
                Die(row);
                Boot(row, uuid: vms[row].Uuid);
                break;
            case 'O':
                inputs.OnNext(new ExchangeEvent.NameFreed(VmName.Parse(row)));
                inputs.OnNext(new ExchangeEvent.NameBound(VmName.Parse("other"), vms[row].Domid));
                break;
            case '2':
                inputs.OnNext(new ExchangeEvent.DomainAppeared(NewIdentity()));
                inputs.OnNext(new ExchangeEvent.NameFreed(VmName.Parse(row)));
                break;
            default:
                Say(row, StorySaying.Once(StoryLetters.Requests[letter]));
                break;
        }
    }

    private void Say(string row, StorySaying saying)
    {
        var from = vms[row];
        foreach (var (after, request) in saying.All())
        {
            if (after == TimeSpan.Zero) inputs.OnNext(new ExchangeEvent.Qpen(new QpenEvent.Taken(from, request)));
            else time.Schedule(after, () => inputs.OnNext(new ExchangeEvent.Qpen(new QpenEvent.Taken(from, request))));
        }
    }

    private void Boot(string name, QpenFound? found = null, string? uuid = null)
    {
        var identity = Live(name, uuid);
        inputs.OnNext(new ExchangeEvent.DomainAppeared(identity));
        inputs.OnNext(new ExchangeEvent.NameBound(VmName.Parse(name), identity.Domid));
        inputs.OnNext(new ExchangeEvent.Qpen(new QpenEvent.Prepared(identity, found ?? new(0, false, Open: false))));
    }

    private void Die(string name)
    {
        inputs.OnNext(new ExchangeEvent.DomainGone(vms[name]));
        inputs.OnNext(new ExchangeEvent.NameFreed(VmName.Parse(name)));
    }

    private DomainIdentity Live(string name, string? uuid = null)
    {
        var identity = NewIdentity(uuid);
        vms[name] = identity;
        names[identity] = name;
        return identity;
    }

    /// <summary>As Xen counts: from the highest number back to the lowest that is free.</summary>
    private DomainIdentity NewIdentity(string? uuid = null)
    {
        int domid;
        do domid = (lives++ % Domid.MaxValue) + 1;
        while (lives > Domid.MaxValue && vms.Values.Any(vm => vm.Domid.Value == domid));
        return new(new Domid(domid), uuid ?? $"uuid-{lives}");
    }

    private long Frame => time.Elapsed.Ticks / story.Frame.Ticks;

    private void Note(string row, char letter) => seen.Add((Frame, letter, row));

    private void Note(string what, ExchangeCommand.Effect effect)
    {
        if (what == "closed")
        {
            Note("screen", 'c');
            return;
        }

        begun.Add(effect);
        if (effect is ExchangeCommand.WriteStatus write)
            Note(names.GetValueOrDefault(write.To) ?? $"domain {write.To}", StoryLetters.OfStatus(write.Status.Code));
        else if (effect is ExchangeCommand.Ask)
            Note("screen", '?');
        else if (effect is ExchangeCommand.Notify notice)
            Note("notices", StoryLetters.OfNotice(notice.Kind));
        else if (StoryLetters.OfDisk(effect) is { } plugged)
            Note("disks", plugged);
        else if (VirtualDisposables.Letter(effect) is { } made)
            Note("dvms", made);
    }
}
