using System.Globalization;
using Qfx.Bench;
using Qfx.Bench.Goals;
using Qfx.Tests.Support.Xenstored;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["client-work", .. var work]:    // of a process of its own: ClientReport starts it
        return await ClientWork.RunAsync(work);
    case ["hostile", .. var rest] when rest.Length < 2 && int.TryParse(rest.ElementAtOrDefault(0) ?? "60", NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
        if (XenstoredProcess.Missing(XenstoredKind.C) is not { } missing) return await HostileGuests.RunAsync(seconds);
        await Console.Error.WriteLineAsync(missing);
        return 1;
    case ["goals", .. var rest] when await GoalsReport.PrintAsync(rest):
        return 0;
    case ["rules"]:
        return await RulesWork.RunAsync();
    case ["copy"]:
        return GuestCopy.Run();
    case ["micro"]:
        Micro.Run();
        return 0;
    case [] or ["client"] or ["client", _] or ["watches"]:
        break;
    default:
        await Console.Error.WriteLineAsync("bench [goals [PART OF A NAME] [--runs N] [--json] | client [PART OF A NAME] | watches | micro | rules | copy | hostile [SECONDS]]; goals, client, watches and micro without a word");
        return 2;
}

if (XenstoredProcess.Missing(XenstoredKind.C) is { } reason)
{
    await Console.Error.WriteLineAsync(reason);
    return 1;
}

if (args is []) await GoalsReport.PrintAsync([]);
if (args is [] or ["client", ..]) await ClientReport.PrintAsync(args.ElementAtOrDefault(1) ?? "");
if (args is [] or ["watches"]) await WatchCost.PrintAsync([100, 1_000, 10_000]);
if (args is []) Micro.Run();
return 0;
