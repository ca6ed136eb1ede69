using System.Reactive.Concurrency;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Dialogs.Desktop;

/// <summary>Who is at the screen, as a loginctl of our own says.</summary>
public sealed class LogindSeatsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Channel<Seat?> seats = Channel.CreateUnbounded<Seat?>();
    private IDisposable? following;

    public LogindSeatsTests()
    {
        Directory.CreateDirectory(folder["seats"]);
        Directory.CreateDirectory(folder["sessions"]);
        var process = Directory.CreateDirectory(folder["proc/77"]).FullName;
        File.WriteAllText(Path.Combine(process, "cgroup"), "0::/user.slice/user-1000.slice/session-4.scope\n");
        File.WriteAllText(Path.Combine(process, "status"), "Uid:\t1000\t1000\t1000\t1000\n");
        File.WriteAllText(Path.Combine(process, "environ"), "DISPLAY=:0\0");
        File.WriteAllText(folder["loginctl"], $"""
            #!/bin/sh
            case $1 in
                show-seat) cat '{folder["seat"]}' ;;
                show-session) cat '{folder["session"]}' ;;
            esac
            """);
        File.SetUnixFileMode(folder["loginctl"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose()
    {
        following?.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Somebody_is_there_while_their_session_is_the_active_one_and_not_locked()
    {
        Say("ActiveSession=", "");
        following = new LogindSeats(NullLogger.Instance, TaskPoolScheduler.Default, folder["loginctl"], folder.Path, folder["proc"])
            .Active.Subscribe(seat => seats.Writer.TryWrite(seat));
        Assert.Null(await NextAsync());

        Say("ActiveSession=4", "Name=ana\nUser=1000\nClass=user\nState=active\nLockedHint=no\n");
        var seat = await NextAsync();
        Assert.Equal(("4", "ana", 1000u, ":0"), (seat!.Session, seat.User, seat.Uid, seat.Display));

        Say("ActiveSession=4", "Name=ana\nUser=1000\nClass=user\nState=active\nLockedHint=yes\n");
        Assert.Null(await NextAsync());

        Say("ActiveSession=4", "Name=ana\nUser=1000\nClass=user\nState=active\nLockedHint=no\n");
        Assert.NotNull(await NextAsync());

        Say("ActiveSession=c1", "Name=gdm\nUser=42\nClass=greeter\nState=active\nLockedHint=no\n");
        Assert.Null(await NextAsync());
    }

    /// <summary>logind writes what it knows, and then its own file, which is the reason to ask.</summary>
    private void Say(string seat, string session)
    {
        File.WriteAllText(folder["session"], session);
        File.WriteAllText(folder["seat"], seat + "\n");
        File.WriteAllText(folder["seats/seat0"], "x");
    }

    private async Task<Seat?> NextAsync() =>
        await seats.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
}
