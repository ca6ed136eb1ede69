using Microsoft.Win32.SafeHandles;

namespace Qfx.Guest.Archive;

/// <summary>Writes to a device that is all zeros, from a place on, in large pieces; pieces of zeros are left out, so dom0's image stays sparse.</summary>
internal sealed class BlankDeviceStream(SafeFileHandle device, long start) : Stream
{
    private const int Piece = 64 * 1024;             // bytes
    private const int BufferSize = 16 * Piece;

    private readonly byte[] buffer = new byte[BufferSize];
    private long written;
    private int held;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Position;

    /// <summary>Bytes written so far, counted from the start.</summary>
    public override long Position
    {
        get => written + held;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            if (held == 0 && source.Length >= BufferSize)
            {
                Put(source[..BufferSize]);
                source = source[BufferSize..];
                continue;
            }

            var part = Math.Min(source.Length, BufferSize - held);
            source[..part].CopyTo(buffer.AsSpan(held));
            held += part;
            source = source[part..];
            if (held == BufferSize) Flush();
        }
    }

    public override void Write(byte[] source, int offset, int count) => Write(source.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
        var bytes = held;
        held = 0;
        Put(buffer.AsSpan(0, bytes));
    }

    public override int Read(byte[] target, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var zeros = LengthOf(bytes, zero: true);
            written += zeros;
            bytes = bytes[zeros..];
            var data = LengthOf(bytes, zero: false);
            if (data > 0) RandomAccess.Write(device, bytes[..data], start + written);
            written += data;
            bytes = bytes[data..];
        }
    }

    /// <summary>Bytes at the start that are whole pieces of zeros, or that are none.</summary>
    private static int LengthOf(ReadOnlySpan<byte> bytes, bool zero)
    {
        var length = 0;
        while (length < bytes.Length)
        {
            var piece = bytes.Slice(length, Math.Min(Piece, bytes.Length - length));
            if (piece.ContainsAnyExcept((byte)0) == zero) break;
            length += piece.Length;
        }

        return length;
    }
}
