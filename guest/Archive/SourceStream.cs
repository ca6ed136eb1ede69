using Microsoft.Win32.SafeHandles;
using Qfx.Guest.Copying;
using Qfx.Guest.Progress;

namespace Qfx.Guest.Archive;

/// <summary>The contents of a file that is sent: as many bytes as it had when it was looked at.</summary>
internal sealed class SourceStream : Stream
{
    private const int BufferSize = 1024 * 1024;    // bytes

    private readonly Item item;
    private readonly Meter meter;
    private readonly CancellationToken cancel;
    private readonly SafeFileHandle file;
    private long position;

    /// <exception cref="IOException">It cannot be opened, or is something else now.</exception>
    public SourceStream(Item item, Meter meter, CancellationToken cancel)
    {
        this.item = item;
        this.meter = meter;
        this.cancel = cancel;
        file = SourceFile.Open(item);
    }

    public override bool CanRead => true;

    /// <summary>So that who writes it asks for its length; it is never sought in.</summary>
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => item.Bytes;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        cancel.ThrowIfCancellationRequested();
        if (position == item.Bytes || buffer.IsEmpty) return 0;
        var read = SourceFile.Read(file, item, buffer, position);
        position += read;
        meter.Add(read);
        return read;
    }

    public override void CopyTo(Stream destination, int bufferSize)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent((int)Math.Clamp(item.Bytes, 4096, BufferSize));
        try
        {
            while (Read(buffer.AsSpan()) is > 0 and var read) destination.Write(buffer, 0, read);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }
}
