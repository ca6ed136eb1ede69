using Qfx.Fuzz;
using SharpFuzz;

// usage: Qfx.Fuzz TARGET [FILE…]: with files, each is given to the target once; without, afl-fuzz gives it what it thinks of.
if (args is [] || !Targets.All.TryGetValue(args[0], out var target))
{
    Console.Error.WriteLine($"usage: Qfx.Fuzz TARGET [FILE…]; targets: {string.Join(' ', Targets.All.Keys.Order(StringComparer.Ordinal))}");
    return 2;
}

if (args.Length > 1)
{
    foreach (var file in args.Skip(1)) target(File.ReadAllBytes(file));
    Console.WriteLine($"{args.Length - 1} files, and nothing is wrong");
    return 0;
}

var buffer = new byte[1 << 20];
Fuzzer.Run(input => target(buffer.AsSpan(0, input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false))));
return 0;
