using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Text;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Marbles;

/// <summary>A story about VMs, a person and the disks, drawn as rows; the rules play it in virtual time.</summary>
/// <remarks>
/// Rows in, <c>name : marbles</c>. A VM's row has its requests and its fate: the letters of <see cref="Says"/>, and
/// <c>B</c> it boots (a VM without a B is there from the start), <c>D</c> it dies, <c>R</c> it reboots, <c>O</c> it is renamed
/// to "other", <c>A</c> it appears without a name and <c>N</c> gets it, <c>2</c> a second domain of its name appears, <c>E</c> the second one ends. The row <c>person</c> has <c>y</c> and
/// <c>n</c> for the question on the screen.
/// Rows out, <c>name > marbles</c>. A VM's row has the statuses it reads: the letters of <see cref="StatusLetter"/>. The row
/// <c>disks</c> has what is begun: m make, g G attach and detach xvdg, a announce, h H attach and detach xvdh, x delete. The row
/// <c>screen</c> has <c>?</c> for a question shown and <c>c</c> for one that closes by itself. Every VM that reads a status has such a row.
/// Each effect takes one frame, unless the test says otherwise. The story ends one frame after its longest row.
/// </remarks>
internal sealed class Scenario : IDisposable
{
    private static readonly Dictionary<char, string> Says = new()
    {
        ['n'] = "new",
        ['s'] = "send personal",
        ['w'] = "send work",
        ['t'] = "send third",
        ['u'] = "umount ok",
        ['f'] = "umount failed",
        ['q'] = "umount",
        ['c'] = "cancel",
    };

    private readonly TestScheduler time = new();
    private readonly List<(int Frame, char Event, string Row)> seen = [];
    private readonly Dictionary<string, (DomainIdentity Identity, string Name)> vms = [];
    private readonly VirtualEdge edge;
    private readonly System.Reactive.Subjects.Subject<ExchangeEvent> inputs = new();
    private int lastDomid;

    private Scenario() => edge = new(time, Note);

    /// <summary>The rules' state at the end.</summary>
    public ExchangeState State { get; private set; } = new(new());

    /// <summary>Every turn of the rules.</summary>
    public List<ExchangeStep> Steps { get; } = [];

    /// <summary>Plays the rows and compares what comes out with the rows that are expected.</summary>
    /// <param name="story">The rows.</param>
    /// <param name="edge">Makes an effect fail, hang, or take longer.</param>
    /// <param name="settings">Of the rules.</param>
    /// <param name="says">Further letters for requests.</param>
    public static Scenario Check(
        string story, Action<VirtualEdge>? edge = null, ExchangeSettings? settings = null, params (char Letter, string Request)[] says)
    {
        var scenario = new Scenario();
        edge?.Invoke(scenario.edge);
        scenario.Play(story, settings ?? new(), says.ToDictionary(s => s.Letter, s => s.Request));
        return scenario;
    }

    /// <summary>The commands of this kind that the rules gave, in order.</summary>
    public IEnumerable<T> Commands<T>()
        where T : ExchangeCommand => Steps.SelectMany(step => step.Commands).OfType<T>();

    /// <summary>Nothing is left: no pendrive, no slot, no question.</summary>
    public void IsEmpty()
    {
        Assert.Empty(State.Pendrives);
        Assert.Empty(State.Slots);
        Assert.Empty(State.Questions);
    }

    public void Dispose() => inputs.Dispose();

    private void Play(string story, ExchangeSettings settings, Dictionary<char, string> says)
    {
        var rows = story.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.IndexOfAny([':', '>']) is var at and > 0
                ? (Name: line[..at].Trim(), In: line[at] == ':', Row: MarbleRow.Parse(line[(at + 1)..]))
                : throw new FormatException($"A row is a name, ':' or '>', and marbles: {line}"))
            .ToArray();
        var lanes = ExchangeLoop.Run(inputs, settings, edge.Execute, time);
        IScheduler clock = time;    // by its interface: TestScheduler's own overloads name an assembly of 2016
        using var running = lanes.Subscribe(step =>
        {
            Steps.Add(step);
            State = step.State;
            foreach (var off in step.Commands.OfType<ExchangeCommand.CallOffQuestion>()) edge.Close(off.Question);
        });

        foreach (var name in rows.Where(r => r.In && r.Name != "person").Select(r => r.Name).Distinct())
        {
            if (rows.Any(r => r.In && r.Name == name && r.Row.Events.Any(e => e.Event is 'B' or 'A'))) continue;
            Boot(name);
        }

        foreach (var (name, _, row) in rows.Where(r => r.In))
        {
            foreach (var (frame, letter) in row.Events)
                clock.Schedule((MarbleRow.Frame * frame) + TimeSpan.FromTicks(10), () => Happen(name, letter, says));
        }

        time.AdvanceTo((rows.Max(r => r.Row.Frames) + 1) * MarbleRow.Frame.Ticks);
        Compare(rows.Where(r => !r.In).Select(r => (r.Name, r.Row.Events)).ToArray());
    }

    private void Happen(string row, char letter, Dictionary<char, string> says)
    {
        if (row == "person")
        {
            edge.Answer(letter == 'y');
            return;
        }

        switch (letter)
        {
            case 'B':
                Boot(row);
                break;
            case 'A':
                vms[row] = (NewIdentity(), row);
                inputs.OnNext(new ExchangeEvent.DomainAppeared(vms[row].Identity));
                break;
            case 'N' or 'E':
                inputs.OnNext(new ExchangeEvent.NameBound(VmName.Parse(row), vms[row].Identity.Domid));
                break;
            case 'D':
                Die(row);
                break;
            case 'R':
                Die(row);
                Boot(row);
                break;
            case 'O':
                inputs.OnNext(new ExchangeEvent.NameFreed(VmName.Parse(row)));
                inputs.OnNext(new ExchangeEvent.NameBound(VmName.Parse("other"), vms[row].Identity.Domid));
                break;
            case '2':
                inputs.OnNext(new ExchangeEvent.DomainAppeared(NewIdentity()));
                inputs.OnNext(new ExchangeEvent.NameFreed(VmName.Parse(row)));
                break;
            default:
                var text = says.GetValueOrDefault(letter) ?? Says[letter];
                var request = RequestParser.Parse(Encoding.Latin1.GetBytes(text));
                inputs.OnNext(new ExchangeEvent.Qpen(new QpenEvent.Taken(vms[row].Identity, request)));
                break;
        }
    }

    private void Boot(string name)
    {
        var identity = NewIdentity();
        vms[name] = (identity, name);
        inputs.OnNext(new ExchangeEvent.DomainAppeared(identity));
        inputs.OnNext(new ExchangeEvent.NameBound(VmName.Parse(name), identity.Domid));
        inputs.OnNext(new ExchangeEvent.Qpen(new QpenEvent.Prepared(identity, new(0, false))));
    }

    private void Die(string name)
    {
        inputs.OnNext(new ExchangeEvent.DomainGone(vms[name].Identity));
        inputs.OnNext(new ExchangeEvent.NameFreed(VmName.Parse(name)));
    }

    private DomainIdentity NewIdentity()
    {
        lastDomid++;
        return new(new Domid(lastDomid), $"uuid-{lastDomid}");
    }

    private void Note(string row, char letter) => seen.Add(((int)(time.Clock / MarbleRow.Frame.Ticks), letter, row));

    private void Note(ExchangeCommand.Effect effect)
    {
        switch (effect)
        {
            case ExchangeCommand.WriteStatus write:
                var name = vms.Values.FirstOrDefault(vm => vm.Identity == write.To).Name ?? $"domain {write.To}";
                Note(name, StatusLetter(write.Status.Code));
                break;
            case ExchangeCommand.Ask:
                Note("screen", '?');
                break;
            default:
                if (DiskLetter(effect) is { } letter) Note("disks", letter);
                break;
        }
    }

    private void Compare((string Name, IReadOnlyList<(int, char)> Events)[] expected)
    {
        Assert.True(expected.Length > 0, "A story that expects nothing says so with a row of '-'.");
        var mistakes = new StringBuilder();
        foreach (var (name, events) in expected)
        {
            var actual = seen.Where(e => e.Row == name).Select(e => (e.Frame, e.Event)).ToArray();
            if (actual.SequenceEqual(events)) continue;
            mistakes.AppendLine(name)
                .Append("  expected ").AppendLine(MarbleRow.Print(events))
                .Append("  actual   ").AppendLine(MarbleRow.Print(actual));
        }

        foreach (var name in seen.Select(e => e.Row).Distinct().Except(expected.Select(e => e.Name)).Where(vms.ContainsKey))
        {
            mistakes.AppendLine(name).AppendLine("  no row expects")
                .Append("  actual   ").AppendLine(MarbleRow.Print(seen.Where(e => e.Row == name).Select(e => (e.Frame, e.Event))));
        }

        Assert.True(mistakes.Length == 0, mistakes.ToString());
    }

    private static char? DiskLetter(ExchangeCommand.Effect effect) => effect switch
    {
        ExchangeCommand.Make => 'm',
        ExchangeCommand.Attach { At.Vdev.Name: "xvdg" } => 'g',
        ExchangeCommand.Attach => 'h',
        ExchangeCommand.Detach { At.Vdev.Name: "xvdg" } => 'G',
        ExchangeCommand.Detach => 'H',
        ExchangeCommand.Announce => 'a',
        ExchangeCommand.Delete => 'x',
        _ => null,
    };

    private static char StatusLetter(StatusCode code) => code switch
    {
        StatusCode.Attached => 'A',
        StatusCode.Asking => '?',
        StatusCode.Waiting => 'W',
        StatusCode.Sent => 'S',
        StatusCode.Received => 'R',
        StatusCode.NotReceived => 'N',
        StatusCode.Detached => 'd',
        StatusCode.Cancelled => 'X',
        StatusCode.Denied => 'D',
        StatusCode.Busy => 'b',
        StatusCode.NoSuchVm => 'v',
        StatusCode.NoPendrive => 'p',
        StatusCode.SlotInUse => 'i',
        StatusCode.NoSpace => 'z',
        StatusCode.TimedOut => 'T',
        StatusCode.Restarted => '0',
        StatusCode.Failed => 'F',
        _ => '!',
    };

    private void Note(string name, ExchangeCommand.Effect effect)
    {
        if (name == "closed") Note("screen", 'c');
        else Note(effect);
    }
}
