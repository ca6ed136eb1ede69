using CsCheck;
using Qfx.Guest.Opening;

namespace Qfx.Tests.Guest.Opening;

public sealed class DesktopEntryTests
{
    private const string File = "/tmp/x/it's \"a\" $(b) `c`\n%f -- é";

    [Theory]
    [InlineData("gedit %f", "gedit|FILE")]
    [InlineData("gedit %F %i", "gedit|FILE")]
    [InlineData("gedit", "gedit|FILE")]
    [InlineData("app --name=%c %f", "app|--name=%c|FILE")]
    [InlineData("app %c %f", "app|The App|FILE")]
    [InlineData("env A=b app  %f", "env|A=b|app|FILE")]
    [InlineData("\"/opt/my app/run\" --x \"a \\\\\"b\\\\$\" %f", "/opt/my app/run|--x|a \"b$|FILE")]
    [InlineData("app 100%% %f", "app|100%|FILE")]
    public void Its_command_becomes_an_argument_list_with_the_file_as_one_word(string exec, string words) =>
        Assert.Equal(words.Replace("FILE", File, StringComparison.Ordinal).Split('|'), DesktopEntry.Command($"[Desktop Entry]\nName=The App\nExec={exec}\n", File));

    [Fact]
    public void A_program_that_takes_addresses_gets_one() => Assert.Equal(
        ["browser", "file:///tmp/x/it%27s%20%22a%22%20%24%28b%29%20%60c%60%0A%25f%20--%20%C3%A9"], DesktopEntry.Command("[Desktop Entry]\nExec=browser %u", File));

    [Fact]
    public void One_for_a_terminal_gets_a_terminal() =>
        Assert.Equal(["x-terminal-emulator", "-e", "vim", "/a"], DesktopEntry.Command("[Desktop Entry]\nTerminal=true\nExec=vim %f", "/a"));

    [Fact]
    public void Other_groups_are_not_it() =>
        Assert.Equal(["a", "/f"], DesktopEntry.Command("# c\n[Desktop Action x]\nExec=b\n[Desktop Entry]\nExec=a %f\n[Desktop Action y]\nExec=c", "/f"));

    [Theory]
    [InlineData("")]
    [InlineData("[Desktop Entry]\nName=a")]
    [InlineData("[Desktop Entry]\nExec=")]
    [InlineData("[Desktop Entry]\nExec=\"a")]
    [InlineData("Exec=a")]
    public void What_has_no_usable_command_has_none(string text) => Assert.Null(DesktopEntry.Command(text, "/f"));

    [Fact]
    public void No_text_breaks_it() => Gen.String.Sample(text => { _ = DesktopEntry.Command($"[Desktop Entry]\nExec={text}", "/f"); });
}
