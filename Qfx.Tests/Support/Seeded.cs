using System.Globalization;

namespace Qfx.Tests.Support;

/// <summary>Chance that can be had again: the seed is written into the test's output, and <c>QFX_SEED</c> sets it.</summary>
internal static class Seeded
{
    public static Random Random()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("QFX_SEED"), CultureInfo.InvariantCulture, out var set) ? set : System.Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"QFX_SEED={seed}");
        return new(seed);
    }
}
