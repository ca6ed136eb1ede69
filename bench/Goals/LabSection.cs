namespace Qfx.Bench.Goals;

/// <summary>What needs a real Xen: the report says where it is measured.</summary>
internal sealed class LabSection : ISection
{
    public IReadOnlyList<Goal> Goals => [new("files between VMs by pendrive, beside scp", "MiB/s") { Peer = "scp over a virtual network", Why = Missing }];

    public string? Missing => "Two VMs with disks and a network need a real Xen: ./qfx lab network measures it there. What it gave is in docs/performance.md.";

    public Task MeasureAsync(Measurements into, int runs) => Task.CompletedTask;
}
