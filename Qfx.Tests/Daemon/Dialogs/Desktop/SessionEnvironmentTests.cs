using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Daemon.X11;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Dialogs.Desktop;

/// <summary>How a program of the person's session is found, in a /proc of our own.</summary>
public sealed class SessionEnvironmentTests : IDisposable
{
    private readonly TempFolder proc = new();

    public void Dispose() => proc.Dispose();

    [Fact]
    public void The_process_of_the_session_that_says_most_counts_and_nothing_but_what_a_window_needs_is_taken()
    {
        Process(10, "/user.slice/user-1000.slice/session-2.scope", 1000, "DISPLAY=:0");
        Process(11, "/user.slice/user-1000.slice/session-2.scope", 1000, "DISPLAY=:0", "XAUTHORITY=/run/x", "SECRET=1", "LD_PRELOAD=/tmp/x.so", "PATH=/tmp");
        Process(12, "/user.slice/user-1000.slice/session-3.scope", 1000, "DISPLAY=:9", "XAUTHORITY=/run/y");
        Process(13, "/user.slice/user-1000.slice/session-2.scope", 1001, "DISPLAY=:8", "XAUTHORITY=/run/z", "WAYLAND_DISPLAY=wayland-0");
        Directory.CreateDirectory(proc["self"]);

        var found = SessionEnvironment.Find(proc.Path, "2", 1000)!;

        Assert.Equal(["DISPLAY=:0", "PATH=/usr/local/bin:/usr/bin:/bin", "XAUTHORITY=/run/x"], found.Select(pair => $"{pair.Key}={pair.Value}").Order());
    }

    [Fact]
    public void Where_the_session_has_none_the_persons_own_service_manager_may_have_one()
    {
        Process(10, "/user.slice/user-1000.slice/user@1000.service/app.slice", 1000, "WAYLAND_DISPLAY=wayland-0");

        Assert.Equal("wayland-0", SessionEnvironment.Find(proc.Path, "2", 1000)!["WAYLAND_DISPLAY"]);
        Assert.Null(SessionEnvironment.Find(proc.Path, "2", 1001));
    }

    [Theory]
    [InlineData("DISPLAY=evil:0")]
    [InlineData("DISPLAY=:0;x")]
    [InlineData("TERM=xterm")]
    public void No_display_of_this_host_is_none(string entry)
    {
        Process(10, "/session-2.scope", 1000, entry);

        Assert.Null(SessionEnvironment.Find(proc.Path, "2", 1000));
    }

    [Fact]
    public void The_cookie_is_that_of_the_display()
    {
        byte[] file = [.. Entry("1", XAuthority.Cookie, "other"), .. Entry("0", "SOMETHING", "else"), .. Entry("0", XAuthority.Cookie, "secret")];

        Assert.Equal("secret"u8.ToArray(), XAuthority.Find(file, "0"));
        Assert.Empty(XAuthority.Find(file, "2"));
        for (var length = 0; length < file.Length; length++) Assert.Empty(XAuthority.Find(file.AsSpan(0, length), "0"));
    }

    private static byte[] Entry(params string[] fields) =>
        [1, 0, .. fields.Prepend("host").SelectMany(field => new byte[] { 0, (byte)field.Length }.Concat(System.Text.Encoding.ASCII.GetBytes(field)))];

    private void Process(int pid, string cgroup, int uid, params string[] environment)
    {
        var folder = Directory.CreateDirectory(proc[$"{pid}"]).FullName;
        File.WriteAllText(Path.Combine(folder, "cgroup"), $"0::{cgroup}\n");
        File.WriteAllText(Path.Combine(folder, "status"), $"Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n");
        File.WriteAllText(Path.Combine(folder, "environ"), string.Join('\0', environment) + '\0');
    }
}
