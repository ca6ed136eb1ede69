using System.Text;
using CsCheck;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

public class StatusTests
{
    [Fact]
    public void A_status_is_a_number_a_word_and_a_text() =>
        Assert.Equal("3 not-received the receiver says no", Encoding.ASCII.GetString(new Status(3, StatusCode.NotReceived, "the receiver says no").Encode()));

    [Fact]
    public void It_has_at_most_256_bytes_of_printable_ASCII_and_its_count_is_read_back() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Enum<StatusCode>(), Gen.String).Sample((n, code, text) =>
        {
            var bytes = new Status(n, code, text).Encode();
            return bytes.Length <= Status.MaxLength && bytes.All(b => b is >= 0x20 and <= 0x7E) && Status.CountOf(bytes) == n;
        });

    [Fact]
    public void Every_code_has_a_word_of_its_own() =>
        Assert.Equal(Enum.GetValues<StatusCode>().Length, Enum.GetValues<StatusCode>().Select(code => code.Word()).Distinct().Count());

    [Theory]
    [InlineData("", 0)]
    [InlineData("7", 7)]
    [InlineData("12 attached xvdg", 12)]
    [InlineData("-1 x", 0)]
    [InlineData("99999999999 x", 0)]
    [InlineData("x 3", 0)]
    public void A_count_that_is_none_is_0(string value, int expected) => Assert.Equal(expected, Status.CountOf(Encoding.ASCII.GetBytes(value)));
}
