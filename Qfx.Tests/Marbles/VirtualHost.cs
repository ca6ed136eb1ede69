using System.Reactive.Linq;
using System.Text;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Marbles;

/// <summary>The whole of Qfx.Streams in virtual time: a store with its watches, the live directory, the requests, the rules. No I/O.</summary>
internal sealed class VirtualHost : IDisposable
{
    private readonly TestScheduler time = new();
    private readonly VirtualEdge edge;
    private readonly DomainDirectory directory = new();
    private IDisposable? running;

    public VirtualHost()
    {
        Core = CoreStore.NewCore();
        Dom0 = new(Core, Domid.Zero);
        Toolstack = new(new CoreStore(Core, Domid.Zero), new DomainLifecycle(
            (domid, _) => Tell(() => Core.Introduce(domid)),
            (domid, _) => Tell(() => Core.Release(domid)),
            (_, _) => Tell(Core.Shutdown)));
        edge = new(time, Story.DefaultFrame, (_, effect) => Begun.Add(effect));
    }

    public StoreCore Core { get; }

    /// <summary>The daemon's connection.</summary>
    public CoreStore Dom0 { get; }

    public SimulatedToolstack Toolstack { get; }

    public DomainDirectory Directory => directory;

    /// <summary>What an earlier daemon has noted, and this one notes.</summary>
    public MemoryNotes Notes { get; } = new();

    /// <summary>Effects that were begun, in order.</summary>
    public List<ExchangeCommand.Effect> Begun { get; } = [];

    public List<ExchangeStep> Steps { get; } = [];

    public ExchangeState State => Steps.Count == 0 ? new(new()) : Steps[^1].State;

    /// <summary>What ended the pipeline, if anything has.</summary>
    public Exception? Error { get; private set; }

    /// <summary>The statuses that a domain was to read, in order.</summary>
    public IEnumerable<string> StatusesOf(Domid domid) =>
        Begun.OfType<ExchangeCommand.WriteStatus>().Where(w => w.To.Domid == domid).Select(w => Encoding.ASCII.GetString(w.Status.Encode()));

    public VirtualHost Start()
    {
        var inputs = ExchangeInputs.Of(directory, Dom0, Notes, _ => true, "qfx/1 max=1024", perSecond: 20, time);
        running = ExchangeLoop.Run(inputs, new() { Policy = Scenario.AskAlways }, edge.Execute, Notes, time)
            .Merge(directory.Follow(Dom0).IgnoreElements().Select(_ => ExchangeStep.Initial(new())))
            .Subscribe(Steps.Add, error => Error = error);
        return Pass();
    }

    /// <summary>As a guest, with a guest's rights.</summary>
    public CoreStore Guest(Domid domid) => new(Core, domid);

    /// <summary>A guest writes its request.</summary>
    public VirtualHost Write(Domid domid, string request)
    {
        Guest(domid).WriteTextAsync(new XsPath("device/qpen"), request).GetAwaiter().GetResult();
        return Pass();
    }

    /// <summary>Lets everything happen that is due within a second.</summary>
    public VirtualHost Pass()
    {
        Dom0.Deliver();
        time.AdvanceBy(TimeSpan.FromSeconds(1).Ticks);
        return this;
    }

    public SimulatedDomain Create(string name)
    {
        var domain = Toolstack.CreateAsync(name).GetAwaiter().GetResult();
        Pass();
        return domain;
    }

    public void Dispose()
    {
        running?.Dispose();
        directory.Dispose();
    }

    private Task Tell(Action action)
    {
        action();
        Dom0.Deliver();
        return Task.CompletedTask;
    }
}
