using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

public class QuoteTests
{
    [Theory]
    [InlineData(new byte[] { 0x41, 0x0A, 0x1B, 0x5B }, "\"A\\x0a\\x1b[\"")]
    [InlineData(new byte[] { 0x22, 0x5C }, "\"\\x22\\x5c\"")]
    [InlineData(new byte[] { 0xE2, 0x80, 0xAE }, "\"\\xe2\\x80\\xae\"")]
    public void What_could_do_harm_is_shown_as_numbers(byte[] value, string expected) => Assert.Equal(expected, Quote.Bytes(value));

    [Fact]
    public void What_just_fits_is_shown_whole() =>
        Assert.Equal('"' + new string('x', 64) + '"', Quote.Bytes(Enumerable.Repeat((byte)'x', 64).ToArray()));

    [Fact]
    public void What_is_long_is_cut_and_its_length_told() =>
        Assert.Equal('"' + new string('x', 64) + "\" and 36 bytes more", Quote.Bytes(Enumerable.Repeat((byte)'x', 100).ToArray()));
}
