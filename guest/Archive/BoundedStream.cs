namespace Qfx.Guest.Archive;

/// <summary>So many bytes of a stream, which must be there.</summary>
internal sealed class BoundedStream(Stream source, long length) : Stream
{
    private long left = length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="EndOfStreamException">The source ended first.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (left == 0 || buffer.IsEmpty) return 0;
        var read = source.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        if (read == 0) throw new EndOfStreamException("the pendrive ends before its archive does");
        left -= read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
