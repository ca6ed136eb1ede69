namespace Qfx.Bench.Goals;

/// <summary>A million irrelevant events through all of Qfx.Streams, which is what it gets most of (<see cref="RulesWork"/>).</summary>
internal sealed class RulesSection : ISection
{
    private readonly List<(int Domains, Goal Speed, Goal Allocated)> lines = [];

    public RulesSection()
    {
        foreach (var domains in new[] { 10, RulesWork.MostDomains })
        {
            var (speed, allocated) = (new Goal($"rules, events on one core, {domains:N0} domains", "/s"), new Goal($"rules, allocated for an event, {domains:N0} domains", "bytes"));
            lines.Add((domains, speed with { Limit = Limit.AtLeast(speed, 1_000_000) }, allocated with { Limit = Limit.AtMost(allocated, 100) }));
        }
    }

    public IReadOnlyList<Goal> Goals => [.. lines.SelectMany(line => new[] { line.Speed, line.Allocated })];

    public string? Missing => null;

    public async Task MeasureAsync(Measurements into, int runs)
    {
        foreach (var (domains, speed, allocated) in lines)
        {
            foreach (var round in (await RulesWork.MeasureAsync(domains, runs)).Rounds)
            {
                into.Add(speed.Name, Side.Ours, RulesWork.Events / round.Cpu.TotalSeconds);
                into.Add(allocated.Name, Side.Ours, (double)round.Allocated / RulesWork.Events);
            }
        }
    }
}
