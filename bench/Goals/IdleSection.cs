using Qfx.Tests.Support.Xenstored;

namespace Qfx.Bench.Goals;

/// <summary>How often a daemon that has nothing to do is woken: changes of its threads on the cores. No watchdog is asked for, so there should be none.</summary>
internal sealed class IdleSection : ISection
{
    private const int Domains = 100;

    /// <summary>Until then, threads of its pool end that have nothing more to do.</summary>
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(4);

    private readonly Goal idle = new("daemon idle, wake-ups, 100 domains", "/s") { Peer = "Python daemon" };

    public IdleSection() => idle = idle with { Limit = Limit.AtMost(idle, 0) };

    public IReadOnlyList<Goal> Goals => [idle];

    public string? Missing => XenstoredProcess.Missing(XenstoredKind.C) ?? Shipped.Missing;

    /// <remarks>Both at once, each on a server of its own: neither is doing anything.</remarks>
    public Task MeasureAsync(Measurements into, int runs) => Task.WhenAll(Enum.GetValues<Side>().Select(async side =>
    {
        await using var town = await Town.StartAsync(Domains);
        await using var daemon = MeasuredDaemon.Start(side, town.SocketPath);
        await Task.WhenAll(daemon.ReadyAsync(), town.AllToldAsync());
        await Task.Delay(Settles);
        for (var round = 0; round < runs; round++)
        {
            var before = daemon.Switches;
            await Task.Delay(Window);
            var woken = (daemon.Switches - before) / Window.TotalSeconds;
            lock (into) into.Add(idle.Name, side, woken);
        }
    }));
}
