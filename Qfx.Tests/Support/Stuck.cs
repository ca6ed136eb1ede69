using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Qfx.Tests.Support;
using Xunit.v3;

[assembly: SaysWhatIsStuck]

namespace Qfx.Tests.Support;

/// <summary>
/// Ends a run in which nothing has ended for four minutes, or as many as QFX_STUCK_AFTER says, and names the tests that were running.
/// Without it such a run says nothing until its caller kills it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SaysWhatIsStuckAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(
        int.TryParse(Environment.GetEnvironmentVariable("QFX_STUCK_AFTER"), NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) ? minutes : 4);

    private static readonly ConcurrentDictionary<string, DateTime> Running = new();
    private static readonly Timer Watchdog = new(_ => GiveUp(), null, Patience, Timeout.InfiniteTimeSpan);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        Running[test.TestDisplayName] = DateTime.UtcNow;
        Watchdog.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        Running.TryRemove(test.TestDisplayName, out _);
        Watchdog.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    private static void GiveUp()
    {
        var now = DateTime.UtcNow;
        var lines = Running.OrderBy(running => running.Value).Select(running => $"  {running.Key}, for {(now - running.Value).TotalSeconds:0} s");
        Environment.FailFast($"No test has ended for {Patience.TotalMinutes} minutes. Running:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}"
            + $"{Environment.NewLine}Thread pool: {ThreadPool.ThreadCount} threads, {ThreadPool.PendingWorkItemCount} waiting.");
    }
}
