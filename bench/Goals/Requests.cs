using System.Diagnostics;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Bench.Goals;

/// <summary>Domains that ask for a pendrive, one after another: how long it takes from the write of the request until its image appears in the spool.</summary>
/// <remarks>
/// That is the first thing that either daemon leaves outside of itself and the store: ours makes the image, the peer has a command make it. The domain gives
/// the pendrive back before the next one asks, so that there is never more than one.
/// </remarks>
internal static class Requests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>Milliseconds.</returns>
    public static async Task<double[]> MeasureAsync(Town town, MeasuredDaemon daemon, int count)
    {
        using var images = new NewFiles(daemon.Spool, ".img");
        var took = new double[count];
        for (var i = 0; i < count; i++)
        {
            using var limited = new CancellationTokenSource(Patience);
            var domid = new Domid((ushort)(1 + ((i * (town.Domains / count)) % town.Domains)));
            var start = Stopwatch.GetTimestamp();
            await town.Toolstack.WriteTextAsync(QpenNode.Of(domid), "new");
            took[i] = Stopwatch.GetElapsedTime(start, await images.NextAsync(limited.Token)).TotalMilliseconds;
            await town.CodeAsync(domid, "attached");
            await town.Toolstack.WriteTextAsync(QpenNode.Of(domid), "cancel");
            await town.CodeAsync(domid, "cancelled");
        }

        return took;
    }
}
