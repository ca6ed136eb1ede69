using Qfx.Streams.Domains;

namespace Qfx.Tests.Streams.Domains;

public class VmNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("9")]
    [InlineData("Work-2_b.c")]
    [InlineData("thirty-one-letters-are-the-most")]
    public void A_name_that_may_take_part(string text) => Assert.Equal(text, VmName.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("_x")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("Domain-0")]
    [InlineData("disposable")]
    [InlineData("thirty-two-letters-are-one-too-m")]
    public void A_name_that_may_not(string text)
    {
        Assert.False(VmName.TryParse(text, out var name));
        Assert.Equal(default, name);
        Assert.Throws<FormatException>(() => VmName.Parse(text));
    }

    [Fact]
    public void No_name_is_none_and_shows_as_nothing()
    {
        Assert.False(VmName.TryParse(null, out _));
        Assert.Equal("", default(VmName).ToString());
    }
}
