namespace Qfx.Bench.Goals;

/// <summary>How large the shipped programs are, each one file.</summary>
internal sealed class SizeSection : ISection
{
    private const double Million = 1e6;

    private readonly Goal daemon = new("size of the daemon", "MB");
    private readonly Goal guest = new("size of the guest tool", "MB");

    public SizeSection() => (daemon, guest) = (daemon with { Limit = Limit.AtMost(daemon, 20) }, guest with { Limit = Limit.AtMost(guest, 8) });

    public IReadOnlyList<Goal> Goals => [daemon, guest];

    public string? Missing => Shipped.Missing;

    public Task MeasureAsync(Measurements into, int runs)
    {
        into.Add(daemon.Name, Side.Ours, new FileInfo(Shipped.Daemon).Length / Million);
        into.Add(guest.Name, Side.Ours, new FileInfo(Shipped.Guest).Length / Million);
        return Task.CompletedTask;
    }
}
