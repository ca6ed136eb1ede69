using Qfx.Guest;
using Qfx.Guest.Host;

namespace Qfx.Tests.Guest.Host;

public sealed class GuestSettingsTests
{
    [Fact]
    public void Without_a_file_everything_is_as_it_is() => Assert.Equal(new(), GuestSettings.Read("/nowhere/at all"));

    [Fact]
    public void Lines_are_keys_and_values() => Assert.Equal(
        new() { User = "anna", Archive = true, IncomingWritable = true, QuotaMiB = 5, QuotaFiles = 7 },
        GuestSettings.Parse(["# comment", "", "user = anna", " archive=yes # and why", "incoming = read-write", "quota_mib = 5", "quota_files=7"], "x"));

    [Theory]
    [InlineData("archive = maybe")]
    [InlineData("quota_mib = 0")]
    [InlineData("quota_mib = -1")]
    [InlineData("quota_files = many")]
    [InlineData("user =")]
    [InlineData("unknown = 1")]
    [InlineData("nonsense")]
    public void A_line_that_is_no_setting_is_named_with_its_number(string line)
    {
        var e = Assert.Throws<GuestException>(() => GuestSettings.Parse(["", line], "/etc/x"));
        Assert.Contains("/etc/x, line 2", e.Message, StringComparison.Ordinal);
        Assert.Contains(line, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_passwd_is_a_user() =>
        Assert.Equal(new("user", 1000, 1001, "/home/user"), GuestUser.Parse("user:x:1000:1001:Anna,,,:/home/user:/bin/bash".Split(':')));

    [Theory]
    [InlineData("")]
    [InlineData("user:x:x:1:::")]
    [InlineData("user:x:1:1::relative:")]
    public void Anything_else_is_none(string line) => Assert.Null(GuestUser.Parse(line.Split(':')));
}
