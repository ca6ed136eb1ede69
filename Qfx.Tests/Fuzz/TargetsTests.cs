using System.Runtime.CompilerServices;
using Qfx.Fuzz;
using Qfx.Tests.Support;

namespace Qfx.Tests.Fuzz;

/// <summary>What <c>./qfx fuzz</c> holds everything against, with the kept inputs and with some of them spoiled at random.</summary>
public class TargetsTests
{
    private const int Spoiled = 2_000;

    public static TheoryData<string> All => [.. Targets.All.Keys.Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(All))]
    public void What_must_hold_holds_for_what_is_kept_and_for_what_is_nearly_that(string name)
    {
        var target = Targets.All[name];
        var kept = Directory.EnumerateFiles(Path.Combine(Folder(), "../../fuzz/corpus", name)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        Assert.NotEmpty(kept);
        foreach (var bytes in kept) target(bytes);
        var random = Seeded.Random();
        for (var i = 0; i < Spoiled; i++) target(Spoil(kept[random.Next(kept.Length)], random));
    }

    /// <summary>Some bytes are others, doubled, or gone.</summary>
    private static byte[] Spoil(byte[] kept, Random random)
    {
        var bytes = kept.ToList();
        for (var times = random.Next(1, 6); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveAt(at); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at))); break;
            }
        }

        return [.. bytes];
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
