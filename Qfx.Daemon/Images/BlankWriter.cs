namespace Qfx.Daemon.Images;

/// <summary>Writes to a new file that is all holes, and leaves it so wherever zeros are written.</summary>
/// <remarks>A formatter writes megabytes of empty tables; a blank image must not occupy them.</remarks>
internal sealed class BlankWriter(FileStream file) : Stream
{
    private const int Page = 4096;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => file.Length;

    public override long Position { get; set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var part = buffer[..(int)Math.Min(buffer.Length, Page - (Position % Page))];
            if (part.ContainsAnyExcept((byte)0)) RandomAccess.Write(file.SafeFileHandle, part, Position);
            Position += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(file.SafeFileHandle, buffer, Position);
        Position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void SetLength(long value) => file.SetLength(value);

    public override void Flush() => file.Flush();
}
