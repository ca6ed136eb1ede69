using System.Reactive.Linq;
using Microsoft.Reactive.Testing;

namespace Qfx.Tests.Support;

public class VirtualTimeTests
{
    [Fact]
    public void The_published_test_scheduler_drives_the_current_Rx()
    {
        var scheduler = new TestScheduler();
        var source = scheduler.CreateHotObservable(
            new Recorded<System.Reactive.Notification<int>>(210, System.Reactive.Notification.CreateOnNext(1)),
            new Recorded<System.Reactive.Notification<int>>(220, System.Reactive.Notification.CreateOnNext(2)));

        var seen = scheduler.Start(() => source.Throttle(TimeSpan.FromTicks(20), scheduler));

        var only = Assert.Single(seen.Messages);
        Assert.Equal((240L, 2), (only.Time, only.Value.Value));
    }
}
