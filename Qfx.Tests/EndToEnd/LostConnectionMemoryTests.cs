using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>What a lost connection leaves behind: nothing.</summary>
[Collection(Alone.Name)]
public sealed class LostConnectionMemoryTests
{
    private const long Tolerance = 2 * 1024 * 1024;    // bytes
    private const int Rounds = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A leak grows in every round; what the array pool keeps for its threads, and what other tests left to be collected, does not.</summary>
    [Fact]
    public async Task After_a_hundred_losses_memory_is_as_before()
    {
        await using var rig = await ThousandDomains.StartAsync();
        await LoseAsync(rig, 10);
        var bytes = new List<long> { GC.GetTotalMemory(forceFullCollection: true) };
        do
        {
            await LoseAsync(rig, 100);
            bytes.Add(GC.GetTotalMemory(forceFullCollection: true));
        }
        while (bytes[^1] >= bytes[^2] + Tolerance && bytes.Count <= Rounds);

        Assert.True(bytes[^1] < bytes[^2] + Tolerance, $"bytes after each hundred losses: {string.Join(", ", bytes)}");
    }

    /// <summary>Ends when the daemon has come to rest again: every domain's key was looked at since the last loss.</summary>
    private static async Task LoseAsync(ThousandDomains rig, int times)
    {
        for (var i = 0; i < times; i++)
        {
            rig.Proxy.Break();
            await rig.Proxy.ConnectedAsync();
        }

        var seen = rig.ExpectAsync([.. rig.Domains.Select(domain => (Func<ExchangeEvent, bool>)(e =>
            e is ExchangeEvent.Qpen { What: QpenEvent.Taken taken } && taken.From.Domid == domain.Domid))]);
        await Task.WhenAll(rig.Domains.Select(domain => rig.Dom0.WriteTextAsync(QpenNode.Of(domain.Domid), "cancel", Cancel)));
        await seen;
        rig.Happened.Clear();
    }
}
