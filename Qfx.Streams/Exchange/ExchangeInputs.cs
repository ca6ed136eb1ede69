using System.Reactive.Concurrency;
using System.Reactive.Linq;
using DynamicData;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Exchange;

/// <summary>What happens outside, as events of the exchange.</summary>
public static class ExchangeInputs
{
    /// <summary>Domains, their names and their requests, from the live directory.</summary>
    /// <param name="directory">Empty or not; who follows it keeps it true.</param>
    /// <param name="store">dom0's connection, for the requests.</param>
    /// <param name="notes">What outlives the daemon of what was taken.</param>
    /// <param name="takesPart">Which domains have a request key at all.</param>
    /// <param name="ready">The words of the first status.</param>
    /// <param name="perSecond">How many requests of one domain are taken in a row, and then in a second.</param>
    /// <param name="scheduler">Whose time that is.</param>
    public static IObservable<ExchangeEvent> Of(
        DomainDirectory directory, IXenstore store, ITakenNotes notes, Func<Domain, bool> takesPart, string ready, int perSecond, IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var domains = directory.ByDomid;
        return Observable.Merge(    // in this order each change is told: that a domain is there, its name, its requests
            domains.Connect().Lives(),
            DomainDirectory.Named(domains.Connect()).Names(),
            domains.Connect().Filter(takesPart).TakeRequests(store, notes, ready, perSecond, scheduler).Select(what => new ExchangeEvent.Qpen(what)));
    }

    /// <summary>Add: appeared. Remove: gone. Update under another identity: one gone, one appeared. A rename is neither.</summary>
    public static IObservable<ExchangeEvent> Lives(this IObservable<IChangeSet<Domain, Domid>> domains) =>
        domains.SelectMany(changes => changes.SelectMany(change => change.Reason switch
        {
            ChangeReason.Add => (ExchangeEvent[])[new ExchangeEvent.DomainAppeared(change.Current.Identity)],
            ChangeReason.Remove => [new ExchangeEvent.DomainGone(change.Current.Identity)],
            ChangeReason.Update when change.Previous.Value.Identity != change.Current.Identity =>
                [new ExchangeEvent.DomainGone(change.Previous.Value.Identity), new ExchangeEvent.DomainAppeared(change.Current.Identity)],
            _ => [],
        }));

    /// <summary>Add and Update: the name means this domain. Remove: it means nobody.</summary>
    public static IObservable<ExchangeEvent> Names(this IObservable<IChangeSet<Domain, VmName>> names) =>
        names.SelectMany(changes => changes.Select(change => change.Reason == ChangeReason.Remove
            ? (ExchangeEvent)new ExchangeEvent.NameFreed(change.Key)
            : new ExchangeEvent.NameBound(change.Key, change.Current.Domid)));
}
