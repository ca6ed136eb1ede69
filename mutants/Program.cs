using System.Diagnostics;
using Qfx.Mutants;

// usage: Qfx.Mutants TOP [PART…]: mutates Qfx.Streams, or those of its files whose path has one of these parts in it, runs the tests
// of Qfx.Tests/Streams and of `simulate` that reach each mutant, and prints what no test has noticed. Qfx.Tests must have been built (Release).
var top = Path.GetFullPath(args.Length > 0 ? args[0] : ".");
var parts = args.Skip(1).ToArray();
var bin = Path.Combine(top, "Qfx.Tests/bin/Release/net10.0");
var folder = Directory.CreateTempSubdirectory("qfx-mutants-").FullName;
var mutated = Path.Combine(folder, "Qfx.Streams.dll");
var mutants = Build.Run(Path.Combine(top, "Qfx.Streams"), bin, name => parts.Length == 0 || parts.Any(p => name.Contains(p, StringComparison.Ordinal)), mutated);
Environment.SetEnvironmentVariable("CsCheck_Iter", "100");    // samples of a property: enough for one mutant, and quick
var (tests, @switch) = Test.Load(bin, mutated, type => type.Namespace is { } space && type.Name != "ArchitectureTests"
    && (space.StartsWith("Qfx.Tests.Streams", StringComparison.Ordinal) || space == "Qfx.Tests.Daemon.Simulate"));
AppContext.SetData("APP_CONTEXT_BASE_DIRECTORY", bin + "/");    // tests read files that lie beside them
var (active, broken, reached) = (@switch.GetField("Active")!, @switch.GetField("Broken")!, @switch.GetField("Reached")!);
Console.WriteLine($"{mutants.Count} mutants, {tests.Count} tests");

// Once without a mutant: what each test takes, and what it reaches. One that fails here, or is slow, is not used.
var used = new List<(Test Test, TimeSpan Takes, bool[] Reaches)>();
foreach (var test in tests)
{
    if (test.Name.Contains("thousand_domains", StringComparison.Ordinal)) continue;
    var reaches = new bool[mutants.Max(m => m.Id) + 1];
    reached.SetValue(null, reaches);
    var clock = Stopwatch.StartNew();
    if (test.Passes()) used.Add((test, clock.Elapsed, reaches));
    else Console.WriteLine($"not used, it fails without a mutant: {test.Name}");
}

reached.SetValue(null, null);
var (killed, late, alive, unreached) = (0, 0, new List<Mutant>(), new List<Mutant>());
var all = Stopwatch.StartNew();
foreach (var mutant in mutants)
{
    if (mutant.Id % 100 == 0) Console.WriteLine($"at {mutant.Id} after {all.Elapsed.TotalSeconds:F0} s");
    var mine = used.Where(u => u.Reaches[mutant.Id]).OrderBy(u => u.Takes).ToArray();
    active.SetValue(null, mutant.Id);
    var noticed = false;
    using var over = new ManualResetEventSlim();
    var thread = new Thread(() =>
    {
        try
        {
            noticed = mine.Any(u => !u.Test.Passes());
        }
        finally
        {
            over.Set();
        }
    }, maxStackSize: 16 << 20)
    { IsBackground = true };
    thread.Start();
    if (!over.Wait(TimeSpan.FromSeconds(20)))
    {
        broken.SetValue(null, true);    // the next switch that it passes ends it
        over.Wait(TimeSpan.FromSeconds(10));
        broken.SetValue(null, false);
        (noticed, late) = (true, late + 1);
    }

    if (noticed) killed++;
    else if (mine.Length == 0) unreached.Add(mutant);
    else alive.Add(mutant);
}

foreach (var mutant in unreached) Console.WriteLine($"not reached: {mutant}");
foreach (var mutant in alive) Console.WriteLine($"not noticed: {mutant}");
foreach (var group in mutants.GroupBy(m => m.File.Split('/')[0]))
{
    var dead = group.Count(m => !alive.Contains(m) && !unreached.Contains(m));
    Console.WriteLine($"{group.Key,-12} {dead,5} of {group.Count(),5} killed  {100.0 * dead / group.Count():F1} %");
}

Console.WriteLine($"{"all",-12} {killed,5} of {mutants.Count,5} killed  {100.0 * killed / mutants.Count:F1} %  ({late} of them did not end), {all.Elapsed.TotalSeconds:F0} s");
Directory.Delete(folder, recursive: true);
return 0;
