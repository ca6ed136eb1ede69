using System.Text;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Wire;

/// <summary>Messages as they pass a real server's socket, in hex: type, request id, transaction id, length; then the payload.</summary>
public class GoldenFramesTests
{
    [Fact]
    public void A_read_is_a_header_and_a_path_with_a_NUL()
    {
        using var batch = new XsFrameBatch();
        batch.Add(XsType.Read, requestId: 1, transactionId: 0, "/a", rest: []);
        Assert.Equal("02000000 01000000 00000000 03000000 2F6100", Hex(batch));
    }

    [Fact]
    public void A_write_in_a_transaction_has_its_id_and_a_value_without_a_NUL()
    {
        using var batch = new XsFrameBatch();
        batch.Add(XsType.Write, requestId: 0x0102, transactionId: 0xFFFFFFFE, "device/qpen", "new"u8);
        Assert.Equal("0B000000 02010000 FEFFFFFF 0F000000 6465766963652F7170656E006E6577", Hex(batch));
    }

    [Fact]
    public void Messages_of_a_batch_follow_one_another_without_a_gap()
    {
        using var batch = new XsFrameBatch();
        batch.Add(XsType.TransactionStart, 7, 0, "", []);
        batch.Add(XsType.TransactionEnd, 8, 3, "T", []);
        batch.Add(XsType.Error, 8, 3, "EAGAIN\0"u8);
        Assert.Equal(
            "06000000 07000000 00000000 01000000 00" +
            "07000000 08000000 03000000 02000000 5400" +
            "10000000 08000000 03000000 07000000 45414741494E00",
            Hex(batch, headers: 3));
    }

    [Fact]
    public void A_cleared_batch_starts_anew_even_after_a_burst()
    {
        using var batch = new XsFrameBatch();
        for (var i = 0; i < 200; i++) batch.Add(XsType.Write, 1, 0, new byte[XsHeader.MaxPayload]);
        Assert.Equal(200 * 4112, batch.Bytes.Length);
        batch.Clear();
        Assert.True(batch.IsEmpty);
        batch.Add(XsType.Read, 1, 0, "/a", []);
        Assert.Equal("02000000 01000000 00000000 03000000 2F6100", Hex(batch));
    }

    [Fact]
    public void A_payload_may_have_4096_bytes_and_no_more()
    {
        using var batch = new XsFrameBatch();
        batch.Add(XsType.Write, 1, 0, "/a", new byte[4093]);
        var before = batch.Bytes.Length;
        Assert.Throws<ArgumentException>(() => batch.Add(XsType.Write, 1, 0, "/a", new byte[4094]));
        Assert.Equal(before, batch.Bytes.Length);
    }

    [Fact]
    public void What_is_not_ASCII_is_not_sent_as_a_path()
    {
        using var batch = new XsFrameBatch();
        Assert.Throws<ArgumentException>(() => batch.Add(XsType.Read, 1, 0, "/ä", []));
        Assert.True(batch.IsEmpty);
    }

    [Fact]
    public void A_watch_event_is_two_parts()
    {
        var bytes = Convert.FromHexString("0F000000000000000000000004000000" + "2F610037" + "00");
        Assert.False(XsFrame.TryRead(bytes.AsSpan(0, 19), out _));

        bytes[12] = 5;
        Assert.True(XsFrame.TryRead(bytes, out var frame));
        Assert.Equal(XsType.WatchEvent, frame.Header.Type);
        var rest = frame.Payload;
        Assert.Equal("/a"u8, XsPayload.Next(ref rest));
        Assert.Equal("7"u8, XsPayload.Next(ref rest));
        Assert.True(rest.IsEmpty);
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a\0", new[] { "a" })]
    [InlineData("a\0b\0", new[] { "a", "b" })]
    [InlineData("\0", new[] { "" })]
    public void A_list_is_parts_with_a_NUL_each(string payload, string[] parts) =>
        Assert.Equal(parts, XsPayload.List(Encoding.ASCII.GetBytes(payload)));

    [Theory]
    [InlineData("a")]
    [InlineData("a\0b")]
    public void A_list_whose_last_part_does_not_end_is_malformed(string payload) =>
        Assert.Throws<XsProtocolException>(() => XsPayload.List(Encoding.ASCII.GetBytes(payload)));

    [Theory]
    [InlineData("ENOENT\0", "ENOENT")]
    [InlineData("ENOENT", "ENOENT")]
    [InlineData("ENEWERTHANUS\0", "ENEWERTHANUS")]
    public void An_error_is_a_name_and_an_unknown_one_is_kept(string payload, string name) =>
        Assert.Equal(new XsError(name), XsPayload.Error(Encoding.ASCII.GetBytes(payload)));

    [Fact]
    public void A_text_of_two_parts_is_malformed() =>
        Assert.Throws<XsProtocolException>(() => XsPayload.Text("EINVAL\0EINVAL\0"u8));

    private static string Hex(XsFrameBatch batch, int headers = 1)
    {
        var hex = new StringBuilder();
        var rest = batch.Bytes.Span;
        for (; headers > 0 && XsFrame.TryRead(rest, out var frame); headers--)
        {
            for (var i = 0; i < XsHeader.Size; i += 4) hex.Append(Convert.ToHexString(rest.Slice(i, 4))).Append(' ');
            hex.Append(Convert.ToHexString(frame.Payload));
            rest = rest[frame.Size..];
        }

        Assert.True(rest.IsEmpty);
        return hex.ToString();
    }
}
