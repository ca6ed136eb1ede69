using System.Reactive.Linq;
using Qfx.Xen.Domains;

namespace Qfx.Xen.Store;

/// <summary>Watches on what guests write.</summary>
public static class GuestWatches
{
    /// <summary>As <see cref="IXenstore.Watch"/>, through the guest's line.</summary>
    /// <param name="store">dom0's connection.</param>
    /// <param name="guest">Who can write there.</param>
    /// <param name="path">A node of the guest's.</param>
    public static IObservable<WatchEvent> WatchFor(this IXenstore store, Domid guest, XsPath path)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Observable.FromAsync(cancel => store.ForAsync(guest, cancel).AsTask()).SelectMany(line => line.Watch(path));
    }
}
