using System.Globalization;
using Qfx.Model;

// Qfx.Model [SCENE [STATES]]: every state of the rules, or the nearest so many.
// Qfx.Model faults [SCENARIOS [FIRST]]: scenarios by chance, with faults.
if (args is ["faults", .. var rest])
{
    var many = rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 10_000;
    var met = FaultRun.CheckMany(rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : 0, many);
    Console.WriteLine($"{many} scenarios, faults met: {string.Join(", ", met.Select(m => $"{m.Value} {m.Key}"))}");
    return 0;
}

// Qfx.Model kills [SCENARIOS [FIRST]]: the daemon is killed at every point of each.
if (args is ["kills", .. var kills])
{
    var many = kills.Length > 0 ? int.Parse(kills[0], CultureInfo.InvariantCulture) : 500;
    var (points, strangers) = FaultRun.KillEverywhere(kills.Length > 1 ? int.Parse(kills[1], CultureInfo.InvariantCulture) : 0, many);
    Console.WriteLine($"{many} scenarios, killed at {points} points; at {strangers} of them a disposable VM is left that was restored and not recorded");
    return 0;
}

var most = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
var failed = false;
foreach (var (name, scene) in new (string, Scene)[] { ("copy", Scene.Copy), ("disposable", Scene.Disposable), ("reply", Scene.Reply), ("full", Scene.Full) })
{
    if (args.Length > 0 && args[0] is not "all" && args[0] != name) continue;
    var found = new Explorer(scene, most).Run((states, depth) => Console.Error.WriteLine($"  {name}: {states} states, {depth} steps deep"));
    var rate = found.States / Math.Max(1, found.Took.TotalSeconds);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name}: {found.States} states{(found.IsWhole ? ", all that there are" : "")}, {found.Steps} steps taken, {found.Depth} deep, {found.Took.TotalSeconds:F0} s, {rate:F0} states/s"));
    if (found.Fault is null) continue;
    Console.WriteLine(found.Fault);
    failed = true;
}

return failed ? 1 : 0;
