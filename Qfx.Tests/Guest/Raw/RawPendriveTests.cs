using System.Security.Cryptography;
using CsCheck;
using Qfx.Guest;
using Qfx.Guest.Raw;

namespace Qfx.Tests.Guest.Raw;

public sealed class RawPendriveTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_comes_off_a_pendrive_as_it_was_put_there() => await Gen.Byte.Array[0, 5000].SampleAsync(async bytes =>
    {
        var (header, content, sum) = await ReadAsync(await WrittenAsync(bytes));
        Assert.Equal(bytes, content);
        Assert.Equal(SHA256.HashData(bytes), sum);
        Assert.Equal((bytes.Length, "name"), (header.Size, header.Name));
        Assert.Equal(sum, header.Sum);
    }, iter: 50);

    [Fact]
    public async Task Without_a_checksum_as_in_2010_it_counts_too()
    {
        byte[] pendrive = [.. new RawHeader(3, "a", null).Encode(), 1, 2, 3, 0, 0];
        Assert.Equal([1, 2, 3], (await ReadAsync(pendrive)).Content);
    }

    [Theory]
    [InlineData(0, "shorter than any file")]
    [InlineData(1023, "shorter than any file")]
    [InlineData(1024, "cut short: 0 of 3 bytes")]
    [InlineData(1026, "cut short: 2 of 3 bytes")]
    public async Task One_that_is_cut_short_is_none(int length, string why)
    {
        var pendrive = (await WrittenAsync([1, 2, 3]))[..length];
        Assert.Contains(why, (await Assert.ThrowsAsync<GuestException>(() => ReadAsync(pendrive))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_bit_that_is_wrong_is_found_by_the_checksum()
    {
        var pendrive = await WrittenAsync([1, 2, 3]);
        pendrive[1025] ^= 1;
        Assert.Contains("checksum", (await Assert.ThrowsAsync<GuestException>(() => ReadAsync(pendrive))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData((1 << 20) - 1024, 1)]
    [InlineData((1 << 20) - 1023, 2)]
    public void Its_size_is_the_files_and_a_header(long size, long mib) => Assert.Equal(mib, RawPendrive.MiB(size));

    private static async Task<byte[]> WrittenAsync(byte[] bytes)
    {
        using var device = new MemoryStream(new byte[RawHeader.Length + bytes.Length + 10]);
        await RawPendrive.WriteAsync(device, "name", new MemoryStream(bytes), Cancel);
        return device.ToArray();
    }

    private static async Task<(RawHeader Header, byte[] Content, byte[] Sum)> ReadAsync(byte[] pendrive)
    {
        using var from = new MemoryStream(pendrive);
        using var to = new MemoryStream();
        var header = await RawPendrive.ReadHeaderAsync(from, Cancel);
        var sum = await RawPendrive.ReadContentAsync(from, header, to, Cancel);
        return (header, to.ToArray(), sum);
    }
}
