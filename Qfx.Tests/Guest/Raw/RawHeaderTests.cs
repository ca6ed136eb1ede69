using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Qfx.Guest;
using Qfx.Guest.Raw;

namespace Qfx.Tests.Guest.Raw;

public sealed class RawHeaderTests
{
    [Fact]
    public void The_header_of_2010_is_a_length_and_a_name()
    {
        var header = new RawHeader(0x0102, "a.txt", null).Encode();
        Assert.Equal(1024, header.Length);
        Assert.Equal("0201000000000000" + "612e747874", Convert.ToHexStringLower(header.AsSpan(0, 13)));
        Assert.False(header.AsSpan(13).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_checksum_lies_in_its_last_forty_bytes()
    {
        var sum = SHA256.HashData("x"u8);
        var header = new RawHeader(1, "a", sum).Encode();
        Assert.Equal("QFXSUM1\0"u8, header.AsSpan(984, 8));
        Assert.Equal(sum, header[992..]);
    }

    [Fact]
    public void What_is_written_is_read() => Gen.Select(Gen.Long[0, long.MaxValue], Gen.String[Gen.Char, 1, 80], Gen.Byte.Array[32], Gen.Bool).Sample((size, text, sum, summed) =>
    {
        var name = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('/', '_').Replace('\0', '_')));
        if (name is "." or "..") name = "x";
        var header = new RawHeader(size, name, summed ? sum : null);
        var read = RawHeader.Decode(header.Encode());
        Assert.Equal((size, name), (read.Size, read.Name));
        Assert.Equal(header.Sum, read.Sum);
    });

    [Theory]
    [InlineData("it's \"quoted\" $(rm -rf ~) `id`", "it's \"quoted\" $(rm -rf ~) `id`")]
    [InlineData("two\nlines", "two\nlines")]
    [InlineData("-rf", "-rf")]
    [InlineData("Ελένη 写真 🙂.png", "Ελένη 写真 🙂.png")]
    [InlineData("..", "document")]
    [InlineData(".", "document")]
    [InlineData("", "document")]
    [InlineData("/", "document")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("a/..", "document")]
    public void Any_name_is_made_one_that_stays_in_its_folder(string name, string safe) =>
        Assert.Equal(safe, RawHeader.SafeName(Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void No_bytes_lead_out_of_the_folder_or_make_a_name_that_no_file_can_have() => Gen.Byte.Array[RawHeader.Length].Sample(bytes =>
    {
        bytes[7] &= 0x7F;
        var name = RawHeader.Decode(bytes).Name;
        Assert.False(name is "" or "." or "..");
        Assert.DoesNotContain('/', name);
        Assert.DoesNotContain('\0', name);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 255);
    });

    [Fact]
    public void A_name_of_255_bytes_stays_and_a_longer_one_keeps_its_extension()
    {
        var longest = new string('n', 251) + ".odt";
        Assert.Equal(longest, RawHeader.Decode(new RawHeader(0, longest, null).Encode()).Name);
        var cut = RawHeader.SafeName(Encoding.UTF8.GetBytes(new string('é', 300) + ".odt"));
        Assert.Equal(new string('é', 125) + ".odt", cut);
    }

    [Fact]
    public void A_length_that_no_file_has_is_refused()
    {
        var header = new byte[RawHeader.Length];
        header[7] = 0x80;
        Assert.Equal(ExitCode.Failed, Assert.Throws<GuestException>(() => RawHeader.Decode(header)).Exit);
    }
}
