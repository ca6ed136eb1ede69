using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;

namespace Qfx.Model;

/// <summary>Who takes part, and what they may do.</summary>
public sealed class Scene
{
    /// <summary>The VMs, by name.</summary>
    public required ImmutableArray<VmName> Vms { get; init; }

    /// <summary>The first so many of them ask for disposable VMs.</summary>
    public int Requesters { get; init; }

    /// <summary>VMs that have ended boot again.</summary>
    public bool Reboots { get; init; }

    /// <summary>VMs lose their names to others, and get them back.</summary>
    public bool Renames { get; init; }

    /// <summary>They have the person choose, too.</summary>
    public bool Chooses { get; init; }

    /// <summary>It begins when the first one's disposable VM has its file.</summary>
    public bool Opened { get; init; }

    /// <summary>Of the rules. Nothing in them counts minutes here: the time of the model does not pass by itself.</summary>
    public ExchangeSettings Settings { get; init; } = Unhurried(1);

    /// <summary>The rules; a test breaks them.</summary>
    public Func<ExchangeState, ExchangeEvent, ExchangeStep> Decide { get; init; } = ExchangeRules.Decide;

    /// <summary>Those VMs that may change places: all those who do the same.</summary>
    public ImmutableArray<ImmutableArray<int>> Orders => field.IsDefault ? field = [.. AllOrders()] : field;

    /// <summary>Two VMs, a person: copies.</summary>
    public static Scene Copy => new() { Vms = [VmName.Parse("work"), VmName.Parse("personal")] };

    /// <summary>One VM, and its disposable VMs.</summary>
    public static Scene Disposable => new() { Vms = [VmName.Parse("work")], Requesters = 1 };

    /// <summary>The same, from the moment on at which the disposable VM has its file: its reply.</summary>
    public static Scene Reply => new() { Vms = [VmName.Parse("work")], Requesters = 1, Opened = true };

    /// <summary>Everything: three VMs, two of them with disposable VMs.</summary>
    public static Scene Full => new()
    {
        Vms = [VmName.Parse("work"), VmName.Parse("personal"), VmName.Parse("third")],
        Requesters = 2,
        Reboots = true,
        Renames = true,
        Chooses = true,
        Settings = Unhurried(2),
    };

    /// <summary>What a VM may say.</summary>
    public ImmutableArray<(char Letter, Request Request)> RequestsOf(int kin) => (requests ??= [.. Enumerable.Range(0, Ground.Disposables + 8).Select(AllRequestsOf)])[kin];

    private ImmutableArray<(char, Request)>[]? requests;

    private static ExchangeSettings Unhurried(int dvms) => new()
    {
        Policy = PolicyParser.Parse([new("a.policy", "qfx.Copy * @anyvm @anyvm ask\n* * @anyvm @anyvm allow")]).Policy!,
        RefusalsToQuiet = int.MaxValue,
        RefusalsWrittenPerMinute = int.MaxValue,
        NoticesPerMinute = 0,
        Disposables = new() { PerRequester = 1, InAll = dvms, PerMinute = int.MaxValue },
    };

    private ImmutableArray<(char, Request)> AllRequestsOf(int kin)
    {
        if (kin >= Ground.Disposables)
        {
            return
            [
                ('n', new Request.New(null, true)), ('u', new Request.Umount(true)), ('c', new Request.Cancel()), ('k', new Request.KillMe()),
                .. Vms.Take(Requesters).Select((name, i) => ("rst"[i], (Request)new Request.Send(name, 7))),
            ];
        }

        if (kin >= Vms.Length) return [];
        var all = ImmutableArray.CreateBuilder<(char, Request)>();
        all.Add(('n', new Request.New(null, false)));
        for (var to = 0; to < Vms.Length; to++)
        {
            if (to != kin) all.Add(("wstxyz"[to], new Request.Send(Vms[to], null)));
        }

        if (Chooses) all.Add(('a', new Request.SendAsk()));
        if (kin < Requesters) all.Add(('d', new Request.SendDisposable(7, ViewOnly: false)));
        all.Add(('u', new Request.Umount(true)));
        all.Add(('c', new Request.Cancel()));
        return all.ToImmutable();
    }

    private IEnumerable<ImmutableArray<int>> AllOrders()
    {
        foreach (var first in Permutations([.. Enumerable.Range(0, Requesters)]))
        {
            foreach (var rest in Permutations([.. Enumerable.Range(Requesters, Vms.Length - Requesters)])) yield return first.AddRange(rest);
        }
    }

    private static IEnumerable<ImmutableArray<int>> Permutations(ImmutableArray<int> of)
    {
        if (of.Length < 2) return [of];
        return of.SelectMany(first => Permutations(of.Remove(first)).Select(rest => rest.Insert(0, first)));
    }
}
