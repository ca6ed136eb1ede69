using System.Diagnostics;

namespace Qfx.Model;

/// <summary>What an exploration came to.</summary>
/// <param name="States">Distinct states that were reached, symmetric ones being one.</param>
/// <param name="Expanded">Those all of whose steps were taken.</param>
/// <param name="Steps">Steps that were taken.</param>
/// <param name="Depth">Steps from the beginning to the farthest one.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Fault">The shortest way to a state where something does not hold; null where everything holds.</param>
public sealed record Exploration(int States, int Expanded, long Steps, int Depth, TimeSpan Took, CounterExample? Fault)
{
    /// <summary>There is no state that was not seen.</summary>
    public bool IsWhole => Fault is null && Expanded == States;
}

/// <summary>Sees every state that the rules can come into, the nearest first.</summary>
/// <remarks>
/// What holds in each state: no invariant of <see cref="Ground"/> is broken; when all VMs are gone and nothing is under way, nothing is left; an image that
/// the rules have forgotten is none in the spool. What can be reached from each, by going backward over the graph: the empty state; without anybody's end,
/// and with nothing but <c>cancel</c>, <c>umount</c> and <c>killme</c>, one without pendrives; without any request, one in which everybody is answered.
/// Where the exploration ends before it is whole, the states on its edge are each followed by themselves.
/// </remarks>
public sealed class Explorer(Scene scene, int most)
{
    private const int Calm = 1 << 29;
    private const int Ends = 1 << 30;
    private const int Target = Calm - 1;
    private const int LongestWay = 2000;    // steps from a state on the edge; those that are needed are dozens

    private readonly Dictionary<UInt128, int> known = [];
    private readonly List<int> parents = [];
    private readonly List<ushort> by = [];
    private readonly List<int> edges = [];
    private readonly List<int> firstEdge = [];
    private readonly List<byte> good = [];
    private readonly Key key = new();
    private long steps;

    /// <summary>Explores, and says so now and then.</summary>
    /// <param name="progress">States, steps from the beginning.</param>
    public Exploration Run(Action<int, int>? progress = null)
    {
        var clock = Stopwatch.StartNew();
        var start = World.Start(scene);
        Add(start, -1, 0);
        List<World> layer = [start];
        var depth = 0;
        var first = 0;
        Exploration Ended(CounterExample? fault) => new(known.Count, firstEdge.Count, steps, depth, clock.Elapsed, fault);
        while (layer.Count > 0 && known.Count < most)
        {
            List<World> next = [];
            for (var i = 0; i < layer.Count && known.Count < most; i++)
            {
                if (Expand(layer[i], first + i, next) is { } fault) return Ended(fault);
                if (known.Count >= most)
                {
                    next.InsertRange(0, layer.Skip(i + 1));    // not expanded: on the edge
                    first += i + 1;
                    layer = [];
                    break;
                }
            }

            first += layer.Count;
            layer = next;
            depth++;
            progress?.Invoke(known.Count, depth);
        }

        foreach (var (i, world) in layer.Index())
        {
            if (Follow(world) is { } rule) return Ended(CounterExampleOf(rule, WayTo(first + i)));
            good[first + i] = 7;
        }

        firstEdge.Add(edges.Count);
        var lost = CheckReach();
        firstEdge.RemoveAt(firstEdge.Count - 1);
        return Ended(lost);
    }

    private CounterExample? Expand(World world, int index, List<World> next)
    {
        firstEdge.Add(edges.Count);
        ushort number = 0;
        foreach (var (label, take) in Safely(world, index))
        {
            World after;
            try
            {
                after = take();
            }
            catch (Exception e) when (e is InvariantException or InvalidOperationException or KeyNotFoundException or NullReferenceException)
            {
                var way = WayTo(index);
                way.Add((label, []));
                return CounterExampleOf(e.Message, way);
            }

            steps++;
            var fresh = Add(after, index, number, out var target);
            if (fresh)
            {
                next.Add(after with { Last = [] });
                if (Wrong(after) is { } rule) return CounterExampleOf(rule, WayTo(target));
            }

            if (target != index) edges.Add(target | (label.Kind == StepKind.Calm ? Calm | Ends : label.Kind == StepKind.Ends ? Ends : 0));
            number++;
        }

        return null;
    }

    /// <summary>The steps of a world, of which one may already be against an invariant when it is looked at.</summary>
    private static IEnumerable<(Label Label, Func<World> Next)> Safely(World world, int index)
    {
        _ = index;
        using var all = world.Steps().GetEnumerator();
        while (true)
        {
            (Label, Func<World>) step;
            try
            {
                if (!all.MoveNext()) yield break;
                step = all.Current;
            }
            catch (InvariantException e)
            {
                step = (new(StepKind.Wild, "done", '!', "the next outcome"), () => throw e);
            }

            yield return step;
            if (step.Item1.Letter == '!' && step.Item1.Row == "done") yield break;
        }
    }

    private void Add(World world, int parent, ushort number) => Add(world, parent, number, out _);

    private bool Add(World world, int parent, ushort number, out int index)
    {
        if (!known.TryAdd(key.Of(world), known.Count))
        {
            index = known[key.Of(world)];
            return false;
        }

        index = known.Count - 1;
        parents.Add(parent);
        by.Add(number);
        good.Add((byte)((world.IsEmpty ? 1 : 0) + (world.HasNoPendrive ? 2 : 0) + (world.IsAllAnswered ? 4 : 0)));
        return true;
    }

    /// <summary>What does not hold in a state.</summary>
    private static string? Wrong(World world)
    {
        if (world.Ground.Domains.IsEmpty && world.IsIdle && !world.HasNoPendrive) return "every VM is gone, nothing is under way, and something is left";
        if (world.Ground.Images.IsEmpty || !world.IsIdle) return null;
        foreach (var image in world.Ground.Images)
        {
            if (!world.State.Pendrives.ContainsKey(new(image)) && !world.Ground.ByHand.Contains(image)) return $"the image of p{image} lies in the spool, and nobody knows of it";
        }

        return null;
    }

    /// <summary>Whether from here, with everything going well, everybody is answered; what is there can end; and everything is gone once all VMs are.</summary>
    private static string? Follow(World world)
    {
        if (Walk(world, label => label.Kind == StepKind.Calm, w => w.IsAllAnswered) is null) return "a request gets no last word";
        if (Walk(world, label => label.Kind is StepKind.Calm or StepKind.Ends, w => w.HasNoPendrive) is null) return "a pendrive cannot end before its VM does";
        return Walk(world, label => label.Kind is StepKind.Calm || label.Letter == 'D', w => w.IsEmpty) is null ? "the empty state cannot be reached" : null;
    }

    /// <summary>Such a state over steps of that kind, if it is near.</summary>
    private static World? Walk(World from, Func<Label, bool> may, Func<World, bool> there)
    {
        if (there(from)) return from;
        var key = new Key();
        HashSet<UInt128> seen = [key.Of(from)];
        Stack<IEnumerator<(Label Label, Func<World> Next)>> open = new([from.Steps().GetEnumerator()]);
        while (open.TryPeek(out var at) && seen.Count < LongestWay)    // the first step first: an effect that is done
        {
            if (!at.MoveNext())
            {
                open.Pop().Dispose();
                continue;
            }

            if (!may(at.Current.Label)) continue;
            var after = at.Current.Next();
            if (there(after)) return after;
            if (seen.Add(key.Of(after))) open.Push(after.Steps().GetEnumerator());
        }

        return null;
    }

    private CounterExample? CheckReach()
    {
        (int Bit, int Over, string Rule)[] rules =
        [
            (1, 0, "the empty state cannot be reached from here"),
            (2, Ends, "what is here cannot end as long as its VMs live"),
            (4, Calm, "a request gets no last word"),
        ];
        var (heads, sources) = Reversed();
        foreach (var (bit, over, rule) in rules)
        {
            var open = new Stack<int>();
            for (var i = 0; i < known.Count; i++)
            {
                if ((good[i] & bit) != 0) open.Push(i);
            }

            while (open.TryPop(out var at))
            {
                for (var e = heads[at]; e < heads[at + 1]; e++)
                {
                    var source = sources[e] & Target;
                    if ((over != 0 && (sources[e] & over) == 0) || (good[source] & bit) != 0) continue;
                    good[source] |= (byte)bit;
                    open.Push(source);
                }
            }

            for (var i = 0; i < known.Count; i++)
            {
                if ((good[i] & bit) == 0) return CounterExampleOf(rule, WayTo(i));
            }
        }

        return null;
    }

    /// <summary>The graph the other way round.</summary>
    private (int[] Heads, int[] Sources) Reversed()
    {
        var heads = new int[known.Count + 2];
        foreach (var edge in edges) heads[(edge & Target) + 2]++;
        for (var i = 2; i < heads.Length; i++) heads[i] += heads[i - 1];
        var sources = new int[edges.Count];
        for (var from = 0; from + 1 < firstEdge.Count; from++)
        {
            for (var e = firstEdge[from]; e < firstEdge[from + 1]; e++)
                sources[heads[(edges[e] & Target) + 1]++] = from | (edges[e] & ~Target);
        }

        return (heads, sources);
    }

    private List<(Label Label, IReadOnlyList<Qfx.Streams.Exchange.ExchangeCommand> Commands)> WayTo(int index)
    {
        var numbers = new Stack<int>();
        for (var at = index; parents[at] >= 0; at = parents[at]) numbers.Push(by[at]);
        var way = new List<(Label, IReadOnlyList<Qfx.Streams.Exchange.ExchangeCommand>)>();
        var world = World.Start(scene);
        foreach (var number in numbers)
        {
            var (label, next) = world.Steps().ElementAt(number);
            world = next();
            way.Add((label, world.Last));
        }

        return way;
    }

    private static CounterExample CounterExampleOf(string rule, List<(Label Label, IReadOnlyList<Qfx.Streams.Exchange.ExchangeCommand> Commands)> way) => new(rule, way);
}
