using Qfx.Guest;
using Qfx.Guest.Disposable;

namespace Qfx.Tests.Guest.Disposable;

public sealed class OpenInDvmTests
{
    [Theory]
    [InlineData("/a b", false, false, "/a b")]
    [InlineData("--view-only|/a", true, false, "/a")]
    [InlineData("--window|--|/a", false, true, "/a")]
    [InlineData("--|--view-only", false, false, "--view-only")]
    [InlineData("--|-", false, false, "-")]
    public void Options_come_first_and_a_name_is_one_word(string words, bool view, bool window, string file) =>
        Assert.Equal((Path.GetFullPath(file), view, window), OpenInDvm.Parse(words.Split('|'), view: false, ""));

    [Theory]
    [InlineData("")]
    [InlineData("a|b")]
    [InlineData("-x")]
    [InlineData("--view|a")]
    [InlineData("--")]
    public void Anything_else_prints_the_usage(string words) => Assert.Equal(
        ExitCode.Usage, Assert.Throws<GuestException>(() => OpenInDvm.Parse(words.Split('|'), view: false, "usage")).Exit);
}
