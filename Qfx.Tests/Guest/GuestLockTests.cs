using Qfx.Guest;
using Qfx.Guest.Host;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest;

public sealed class GuestLockTests
{
    [Fact]
    public void Two_programs_of_a_guest_are_kept_apart_until_the_first_one_ends()
    {
        using var folder = new TempFolder();
        using (GuestLock.Take(folder["run"]))
        {
            var e = Assert.Throws<GuestException>(() => GuestLock.Take(folder["run"]));
            Assert.Equal(ExitCode.Busy, e.Exit);
            Assert.Contains("under way", e.Message, StringComparison.Ordinal);
        }

        GuestLock.Take(folder["run"]).Dispose();
    }

    [Fact]
    public async Task Who_can_wait_gets_it_when_the_first_one_ends()
    {
        using var folder = new TempFolder();
        var first = GuestLock.Take(folder["run"]);
        var second = GuestLock.WaitAsync(folder["run"], TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task A_wait_is_broken_off_by_its_token()
    {
        using var folder = new TempFolder();
        using var first = GuestLock.Take(folder["run"]);
        using var cancel = new CancellationTokenSource();
        var second = GuestLock.WaitAsync(folder["run"], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }
}
