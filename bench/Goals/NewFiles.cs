using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Bench.Goals;

/// <summary>When files of a kind appear in a folder: inotify(7), read by a thread that does nothing else, so that little lies between the event and its time.</summary>
internal sealed partial class NewFiles : IDisposable
{
    private const int CloseOnExec = 0x80000;    // IN_CLOEXEC
    private const uint Create = 0x100;    // IN_CREATE
    private const int Head = 16;    // bytes of struct inotify_event before the name

    private readonly SafeFileHandle events;
    private readonly Channel<long> appeared = Channel.CreateUnbounded<long>();
    private readonly string folder;
    private readonly string ending;
    private volatile bool over;

    /// <param name="folder">Where.</param>
    /// <param name="ending">How the names of those that count end.</param>
    public NewFiles(string folder, string ending)
    {
        (this.folder, this.ending) = (folder, ending);
        events = Begin(CloseOnExec);
        if (events.IsInvalid || Watch(events, folder, Create) < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        new Thread(ReadAll) { IsBackground = true, Name = "inotify" }.Start();
    }

    /// <summary>When the next one has appeared (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public ValueTask<long> NextAsync(CancellationToken cancel) => appeared.Reader.ReadAsync(cancel);

    public void Dispose()
    {
        over = true;
        File.WriteAllText(Path.Combine(folder, "over"), "");    // closing the handle would not wake who reads it
    }

    private void ReadAll()
    {
        Span<byte> buffer = stackalloc byte[4096];
        using (events)
        {
            while (!over)
            {
                var bytes = Read(events, buffer, (nuint)buffer.Length);
                var now = Stopwatch.GetTimestamp();
                if (bytes <= 0) return;
                for (var at = 0; at < (int)bytes;)
                {
                    var length = BinaryPrimitives.ReadInt32LittleEndian(buffer[(at + 12)..]);
                    if (Encoding.UTF8.GetString(buffer.Slice(at + Head, length)).TrimEnd('\0').EndsWith(ending, StringComparison.Ordinal)) appeared.Writer.TryWrite(now);
                    at += Head + length;
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial SafeFileHandle Begin(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Watch(SafeFileHandle events, string folder, uint mask);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle events, Span<byte> buffer, nuint size);
}
