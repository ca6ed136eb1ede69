using Org.BouncyCastle.Crypto.Digests;

namespace Qfx.Guest.Raw;

/// <summary>One file on a pendrive without a file system: a header, and its bytes.</summary>
internal static class RawPendrive
{
    private const int Piece = 1024 * 1024;    // bytes

    /// <summary>MiB that a pendrive needs for a file.</summary>
    public static long MiB(long size) => (RawHeader.Length + size + 1024 * 1024 - 1) / (1024 * 1024);

    /// <summary>Puts a file onto a pendrive. The header comes last, so what was broken off is no file.</summary>
    /// <param name="device">At its beginning; seekable.</param>
    /// <param name="name">The file's own name, without a folder.</param>
    /// <param name="content">Its bytes, to the end.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The SHA-256 of what was written.</returns>
    /// <exception cref="IOException">It does not fit, or cannot be read.</exception>
    public static async Task<byte[]> WriteAsync(Stream device, string name, Stream content, CancellationToken cancel)
    {
        device.Seek(RawHeader.Length, SeekOrigin.Begin);
        var (size, sum) = await CopyAsync(content, device, long.MaxValue, cancel).ConfigureAwait(false);
        device.Seek(0, SeekOrigin.Begin);
        await device.WriteAsync(new RawHeader(size, name, sum).Encode(), cancel).ConfigureAwait(false);
        await device.FlushAsync(cancel).ConfigureAwait(false);
        return sum;
    }

    /// <summary>Reads the header.</summary>
    /// <exception cref="GuestException">There is none.</exception>
    public static async Task<RawHeader> ReadHeaderAsync(Stream pendrive, CancellationToken cancel)
    {
        var header = new byte[RawHeader.Length];
        var read = await pendrive.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return read == header.Length ? RawHeader.Decode(header) : throw new GuestException(ExitCode.Failed, "What has come is shorter than any file.");
    }

    /// <summary>Reads the contents: exactly as long as the header says, and with its checksum, where it has one.</summary>
    /// <returns>Their SHA-256.</returns>
    /// <exception cref="GuestException">They are cut short or damaged; what was written to <paramref name="to"/> is not the file.</exception>
    public static async Task<byte[]> ReadContentAsync(Stream pendrive, RawHeader header, Stream to, CancellationToken cancel)
    {
        var (size, sum) = await CopyAsync(pendrive, to, header.Size, cancel).ConfigureAwait(false);
        if (size != header.Size) throw new GuestException(ExitCode.NotReceived, $"The file that has come is cut short: {size} of {header.Size} bytes.");
        if (header.Sum is { } expected && !sum.AsSpan().SequenceEqual(expected)) throw new GuestException(ExitCode.NotReceived, "The file that has come is damaged: its checksum is wrong.");
        return sum;
    }

    /// <summary>The SHA-256 of a file.</summary>
    public static async Task<(long Size, byte[] Sum)> SumAsync(string file, CancellationToken cancel)
    {
        await using var content = Open(file);
        return await CopyAsync(content, Stream.Null, long.MaxValue, cancel).ConfigureAwait(false);
    }

    /// <summary>Opens a file for reading once through.</summary>
    public static FileStream Open(string file) => new(file, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan });

    private static async Task<(long Size, byte[] Sum)> CopyAsync(Stream from, Stream to, long most, CancellationToken cancel)
    {
        var sum = new Sha256Digest();    // .NET's own is OpenSSL's, and where a VM has none that ends the program
        var piece = new byte[Piece];
        long size = 0;
        while (size < most && await from.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, most - size)), cancel).ConfigureAwait(false) is > 0 and var read)
        {
            sum.BlockUpdate(piece.AsSpan(0, read));
            await to.WriteAsync(piece.AsMemory(0, read), cancel).ConfigureAwait(false);
            size += read;
        }

        var bytes = new byte[RawHeader.SumSize];
        sum.DoFinal(bytes);
        return (size, bytes);
    }
}
