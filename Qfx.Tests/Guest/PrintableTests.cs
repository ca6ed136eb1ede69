using System.Text;
using CsCheck;
using Qfx.Guest.Host;

namespace Qfx.Tests.Guest;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("Grüße Ελένη 写真", "Grüße Ελένη 写真")]
    [InlineData("two\nlines", "two; lines")]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("evil\u202egpj.exe", "evil\\u202egpj.exe")]
    [InlineData("  padded  ", "padded")]
    public void Text_is_made_fit_for_a_terminal(string text, string shown) => Assert.Equal(shown, Printable.Of(text));

    [Fact]
    public void It_is_one_line_bounded_and_without_control_characters() => Gen.String.Sample(text =>
    {
        var shown = Printable.Of(text, 50);
        Assert.True(shown.Length <= 60);
        Assert.DoesNotContain(shown.EnumerateRunes(), rune => Rune.IsControl(rune));
    });
}
