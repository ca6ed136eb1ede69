using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Options;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Runner;

/// <summary>What there may be around the daemon; each may be missing.</summary>
internal sealed record Around
{
    /// <summary>What makes disposable VMs; null: there are none.</summary>
    public IDisposableHost? Disposables { get; init; }

    /// <summary>The host's list of VMs; null: there is none.</summary>
    public IVmDatabase? Database { get; init; }

    /// <summary>Sees each turn of the rules.</summary>
    public IObserver<ExchangeStep>? Watch { get; init; }

    /// <summary>The options as they are read again; of them, what can change while it runs.</summary>
    public IObservable<DaemonOptions> Changes { get; init; } = Observable.Never<DaemonOptions>();

    /// <summary>Reasons to read the policy, beside a change of its files.</summary>
    public IObservable<Unit> PolicyReasons { get; init; } = Observable.Never<Unit>();

    /// <summary>The administrator's orders.</summary>
    public IObservable<ExchangeEvent> Orders { get; init; } = Observable.Never<ExchangeEvent>();

    /// <summary>Called once the spool is this daemon's alone, before the first request is taken.</summary>
    public Action Started { get; init; } = () => { };

    /// <summary>Called with the rules' own scheduler once they run; disposed of with them.</summary>
    public Func<IScheduler, IDisposable> Running { get; init; } = _ => Disposable.Empty;
}
