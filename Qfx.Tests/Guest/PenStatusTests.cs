using System.Text;
using CsCheck;
using Qfx.Guest.Exchange;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Guest;

public sealed class PenStatusTests
{
    [Fact]
    public void What_the_daemon_writes_the_guest_reads() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Enum<StatusCode>(), Gen.String[Gen.Char[' ', '~'], 0, 120]).Sample((n, code, text) =>
        {
            var read = PenStatus.Parse(new Status(n, code, text).Encode());
            Assert.NotNull(read);
            Assert.Equal(n, read.N);
            Assert.Equal(code.Word(), read.Code);
            Assert.Equal(code.IsOpen(), read.IsOpen);
        });

    [Theory]
    [InlineData("0 ready qfx/1 max=1024 vfat raw", 0, "ready", "qfx/1 max=1024 vfat raw")]
    [InlineData("3 attached xvdg", 3, "attached", "xvdg")]
    [InlineData("3 attached", 3, "attached", "")]
    public void A_status_is_a_number_a_word_and_a_sentence(string value, int n, string code, string text) =>
        Assert.Equal(new PenStatus(n, code, text), PenStatus.Parse(Encoding.ASCII.GetBytes(value)));

    [Theory]
    [InlineData("")]
    [InlineData("ready")]
    [InlineData("x ready now")]
    [InlineData("-1 ready now")]
    [InlineData("1  now")]
    [InlineData("99999999999 ready now")]
    [InlineData("1 ready \u001b[2J")]
    public void Anything_else_is_none(string value) => Assert.Null(PenStatus.Parse(Encoding.ASCII.GetBytes(value)));

    [Fact]
    public void No_bytes_break_it() => Gen.Byte.Array[0, 300].Sample(bytes => { _ = PenStatus.Parse(bytes); });
}
