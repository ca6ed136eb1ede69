using Qfx.Model;

namespace Qfx.Tests.Model;

/// <summary>Scenarios by chance in virtual time, each with one fault or two; <c>./qfx model faults</c> plays any number of them.</summary>
public class FaultRunTests
{
    /// <summary>The seeds are 0 to 999, so that it is the same every time; a fault is told with its seed.</summary>
    [Fact]
    public void Whatever_fails_hangs_or_loses_its_answer_the_invariants_hold_and_nothing_is_left()
    {
        var met = FaultRun.CheckMany(first: 0, many: 1_000);

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", met.Select(m => $"{m.Value} {m.Key}")));
        Assert.All(met.Values, times => Assert.True(times > 150));
    }

    /// <summary>Restored and not recorded: such a one may do nothing but end (docs/security.md).</summary>
    [Fact]
    public void Killed_before_and_after_each_effect_and_started_anew_everybody_is_told_and_nothing_is_left()
    {
        var (points, strangers) = FaultRun.KillEverywhere(first: 0, many: 20);

        TestContext.Current.TestOutputHelper?.WriteLine($"killed at {points} points, {strangers} of them with a disposable VM that has no record");
        Assert.True(points > 600, $"{points} points");
    }
}
