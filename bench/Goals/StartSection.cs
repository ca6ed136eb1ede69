using Qfx.Tests.Support.Xenstored;

namespace Qfx.Bench.Goals;

/// <summary>From the start of the process until systemd is told that it serves, where no domain runs.</summary>
internal sealed class StartSection : ISection
{
    private readonly Goal start = new("start to ready, no domains", "ms") { Peer = "Python daemon" };

    public StartSection() => start = start with { Limit = Limit.AtMost(start, 60) };

    public IReadOnlyList<Goal> Goals => [start];

    public string? Missing => XenstoredProcess.Missing(XenstoredKind.C) ?? Shipped.Missing;

    public async Task MeasureAsync(Measurements into, int runs)
    {
        await using var town = await Town.StartAsync(0);
        for (var round = 0; round < 2 * runs; round++)
        {
            foreach (var side in Enum.GetValues<Side>())
            {
                await using var daemon = MeasuredDaemon.Start(side, town.SocketPath);
                into.Add(start.Name, side, (await daemon.ReadyAsync()).TotalMilliseconds);
            }
        }
    }
}
