using System.Diagnostics;
using System.Globalization;
using Qfx.Xen.Store;

namespace Qfx.Bench;

/// <summary>The work that is measured, by Qfx.Xen, in a process of its own as the peers' is. Prints one figure, as they do (peers/).</summary>
internal static class ClientWork
{
    private static readonly XsPath Node = new("/bench/node");
    private static readonly XsPath Homes = new("/local/domain");
    private static readonly byte[] Value = "0123456789"u8.ToArray();

    private static readonly XsClientOptions Options = new() { ContinueOnReader = Environment.GetEnvironmentVariable("QFX_BENCH_POOL") is null };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var count = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 0;
        var depth = arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 1;
        await using var store = await XsClient.ConnectAsync(XsEndpoint.FromEnvironment(), Options);
        switch (arguments[0])
        {
            case "read" or "write":
                var writing = arguments[0] == "write";
                await RequestsAsync(store, writing, count / 10, depth);
                var clock = Stopwatch.StartNew();
                await RequestsAsync(store, writing, count, depth);
                Print($"{count / clock.Elapsed.TotalSeconds:F0}");
                return 0;
            case "names":
                await NamesAsync(store);
                clock = Stopwatch.StartNew();
                await NamesAsync(store);
                Print($"{clock.Elapsed.TotalMilliseconds:F3}");
                return 0;
            case "watch":
                await WatchAsync(store, count);
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>So many loops, each with one request at a time.</summary>
    private static Task RequestsAsync(XsClient store, bool writing, int count, int depth) =>
        Task.WhenAll(Enumerable.Range(0, depth).Select(loop => LoopAsync(store, writing, (count / depth) + (loop < count % depth ? 1 : 0))));

    private static async Task LoopAsync(XsClient store, bool writing, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (writing) await store.WriteAsync(Node, Value).ConfigureAwait(false);
            else await store.ReadAsync(Node).ConfigureAwait(false);
        }
    }

    private static async Task NamesAsync(XsClient store)
    {
        var domains = await store.ListAsync(Homes);
        await Task.WhenAll(domains.Select(domid => store.ReadTextAsync(Homes / domid / "name")));
    }

    private static async Task WatchAsync(XsClient store, int count)
    {
        await using var writer = await XsClient.ConnectAsync(XsEndpoint.FromEnvironment(), Options);
        using var came = new SemaphoreSlim(0);
        var at = 0L;
        using var watch = store.Watch(Node).Subscribe(_ =>
        {
            Volatile.Write(ref at, Stopwatch.GetTimestamp());
            came.Release();
        });
        await came.WaitAsync();
        var took = new List<double>(count);
        for (var i = -count / 10; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await writer.WriteAsync(Node, Value);
            await came.WaitAsync();
            if (i >= 0) took.Add(Stopwatch.GetElapsedTime(start, Volatile.Read(ref at)).TotalMicroseconds);
        }

        took.Sort();
        Print($"{took[count / 2]:F1} {took[count - 1 - (count / 100)]:F1}");
    }

    private static void Print(FormattableString figure) => Console.WriteLine(figure.ToString(CultureInfo.InvariantCulture));
}
