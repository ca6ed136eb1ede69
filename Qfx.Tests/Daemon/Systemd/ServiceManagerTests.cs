using System.Net.Sockets;
using System.Text;
using Microsoft.Reactive.Testing;
using Qfx.Daemon.Systemd;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Systemd;

/// <summary>What systemd hears.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Socket systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };

    public ServiceManagerTests() => systemd.Bind(new UnixDomainSocketEndPoint(folder["notify"]));

    public void Dispose()
    {
        systemd.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void It_hears_when_the_daemon_serves_and_when_it_ends()
    {
        var manager = new ServiceManager(folder["notify"], null);
        manager.Ready();
        manager.Stopping();

        Assert.Equal(["READY=1", "STOPPING=1"], Heard());
    }

    [Fact]
    public void The_rules_scheduler_feeds_the_watchdog_three_times_within_its_limit()
    {
        var rules = new TestScheduler();
        using (new ServiceManager(folder["notify"], TimeSpan.FromSeconds(60)).FeedOn(rules))
        {
            rules.AdvanceBy(TimeSpan.FromSeconds(59).Ticks);
            Assert.Equal(["WATCHDOG=1", "WATCHDOG=1"], Heard());
            rules.AdvanceBy(TimeSpan.FromSeconds(1).Ticks);
            Assert.Equal(["WATCHDOG=1"], Heard());
        }

        rules.AdvanceBy(TimeSpan.FromSeconds(600).Ticks);
        Assert.Empty(Heard());
    }

    [Fact]
    public void While_the_rules_are_stuck_nothing_is_said()
    {
        var rules = new TestScheduler();    // it does not move: something that it runs does not end
        using var fed = new ServiceManager(folder["notify"], TimeSpan.FromSeconds(60)).FeedOn(rules);

        Assert.Empty(Heard());
    }

    [Fact]
    public void Without_systemd_nothing_is_said_and_a_manager_that_is_gone_harms_nobody()
    {
        new ServiceManager(null, TimeSpan.FromSeconds(60)).Ready();
        using var unwatched = new ServiceManager(folder["notify"], null).FeedOn(new TestScheduler());
        new ServiceManager(folder["nobody"], null).Ready();

        Assert.Empty(Heard());
    }

    private List<string> Heard()
    {
        var heard = new List<string>();
        var buffer = new byte[256];
        while (systemd.Poll(0, SelectMode.SelectRead)) heard.Add(Encoding.ASCII.GetString(buffer, 0, systemd.Receive(buffer)));
        return heard;
    }
}
