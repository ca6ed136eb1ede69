using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Connection;

/// <summary>The kernel's device /dev/xen/xenbus as a stream: what is written must be whole messages.</summary>
/// <remarks>
/// Linux, drivers/xen/xenbus/xenbus_dev_frontend.c. It takes one message a write, of at most 4,096 bytes with its header,
/// and a refused WATCH is an errno of the write. It can be polled for reading only, so a thread of its own waits for what
/// arrives, and for the end of the stream; a write lasts as long as the kernel needs to pass a message on.
/// </remarks>
internal sealed class XenbusDevice : Stream
{
    /// <summary>Bytes of payload in one message.</summary>
    public const int MaxPayload = 4096 - XsHeader.Size;

    private readonly Lock gate = new();
    private readonly SafeFileHandle device;
    private readonly SafeFileHandle wake;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadRequest? request;
    private bool disposed;

    private XenbusDevice(SafeFileHandle device, SafeFileHandle wake)
    {
        this.device = device;
        this.wake = wake;
        new Thread(ReadWhatIsAskedFor) { IsBackground = true, Name = "xenbus" }.Start();
    }

    /// <exception cref="IOException">There is no such device, or it may not be used.</exception>
    public static XenbusDevice Open(string path)
    {
        var device = Libc.Open(path, Libc.ReadWrite | Libc.NoTerminal | Libc.NonBlocking | Libc.CloseOnExec);
        if (device.IsInvalid) throw Failed("open");
        var wake = Libc.EventFd(0, Libc.NonBlocking | Libc.CloseOnExec);
        if (!wake.IsInvalid) return new(device, wake);
        var failure = Failed("eventfd");
        device.Dispose();
        throw failure;
    }

    /// <summary>Completes when the thread has ended and the device is closed.</summary>
    public Task Ended => ended.Task;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<int>(cancellationToken);
        var read = new ReadRequest(buffer, cancellationToken);
        read.Cancellation = cancellationToken.UnsafeRegister(static device => ((XenbusDevice)device!).Wake(), this);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (request is not null) throw new InvalidOperationException("One read at a time.");
            request = read;
        }

        Wake();
        return new(read.Source.Task);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var taken = 0;
        while (XsFrame.TryRead(buffer.Span[taken..], out var frame))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = taken + frame.Size;
            if (Put(buffer.Span[taken..end]) is { } refused) throw new XenbusRefusedException(frame.Header.RequestId, refused, end);
            taken = end;
        }

        return taken == buffer.Length
            ? ValueTask.CompletedTask
            : throw new ArgumentException("Only whole messages can be written.", nameof(buffer));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends a read that waits; the device is closed when the thread has seen it, and a write under way has ended.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (gate) disposed = true;
            Wake();
        }

        base.Dispose(disposing);
    }

    private static IOException Failed(string call) => new($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    /// <returns>Why the kernel refused this message; null if it did not.</returns>
    private XsError? Put(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            var written = Libc.Write(device, message, message.Length);
            if (written >= 0)
            {
                message = message[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.EINTR:
                    break;
                case Libc.EIO or Libc.ENXIO or Libc.EBADF or Libc.ENODEV:
                    throw Failed("write");
                case var errno:
                    return Libc.Error(errno);
            }
        }

        return null;
    }

    /// <summary>Has the thread look again: at a read that was asked for, or cancelled, or at the end.</summary>
    private void Wake()
    {
        lock (gate)
        {
            if (!wake.IsClosed) _ = Libc.Write(wake, BitConverter.GetBytes(1UL), sizeof(ulong));
        }
    }

    private void ReadWhatIsAskedFor()
    {
        while (true)
        {
            ReadRequest? read;
            lock (gate)
            {
                if (disposed) break;
                read = request;
            }

            if (read is null || !TryFinish(read)) AwaitWake(orInput: read is not null);
        }

        device.Dispose();
        lock (gate) wake.Dispose();
        request?.Source.TrySetException(new ObjectDisposedException(nameof(XenbusDevice)));
        ended.SetResult();
    }

    /// <returns>False when there is nothing to read yet.</returns>
    private bool TryFinish(ReadRequest read)
    {
        if (read.Cancel.IsCancellationRequested)
        {
            Release(read).TrySetCanceled(read.Cancel);
            return true;
        }

        var bytes = Libc.Read(device, read.Buffer.Span, read.Buffer.Length);
        if (bytes < 0)
        {
            if (Marshal.GetLastPInvokeError() is Libc.EAGAIN or Libc.EINTR) return false;
            Release(read).TrySetException(Failed("read"));
            return true;
        }

        Release(read).TrySetResult((int)bytes);
        return true;
    }

    /// <summary>The next read may be asked for as soon as this one has been told.</summary>
    private TaskCompletionSource<int> Release(ReadRequest read)
    {
        lock (gate) request = null;
        read.Cancellation.Unregister();
        return read.Source;
    }

    private void AwaitWake(bool orInput)
    {
        // Both handles are open: only this thread closes them.
        Span<Libc.PollEntry> entries =
        [
            new() { File = (int)wake.DangerousGetHandle(), Events = Libc.PollIn },
            new() { File = (int)device.DangerousGetHandle(), Events = Libc.PollIn },
        ];
        _ = Libc.Poll(entries, orInput ? 2u : 1u, Libc.Forever);
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        _ = Libc.Read(wake, count, count.Length);
    }

    private sealed class ReadRequest(Memory<byte> buffer, CancellationToken cancel)
    {
        public Memory<byte> Buffer => buffer;

        public CancellationToken Cancel => cancel;

        public CancellationTokenRegistration Cancellation { get; set; }

        public TaskCompletionSource<int> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
