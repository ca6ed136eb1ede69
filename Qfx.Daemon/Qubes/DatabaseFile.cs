using Microsoft.Win32.SafeHandles;
using Qfx.Daemon.Disposables;

namespace Qfx.Daemon.Qubes;

/// <summary>The list's file, locked: read it, and put another text in its place so that a crash at no moment costs the list.</summary>
/// <remarks>
/// docs/decisions, "The Qubes database is changed in place". Before a change, both texts lie whole in a journal beside the file. Then one write
/// makes the file the new list (padded with blanks), so at no boundary of a system call is it anything else than the old or the
/// new one; a write that was cut in the middle is finished from the journal when the file is opened again.
/// </remarks>
internal sealed class DatabaseFile : IDisposable
{
    private const int MaxTries = 10;

    private readonly IDatabaseCalls calls;
    private readonly string path;
    private readonly SafeFileHandle file;

    private DatabaseFile(IDatabaseCalls calls, string path, SafeFileHandle file)
    {
        this.calls = calls;
        this.path = path;
        this.file = file;
    }

    /// <summary>Opens and locks it, and finishes a change that an earlier process left half done.</summary>
    /// <param name="calls">The system.</param>
    /// <param name="path">The file.</param>
    /// <param name="recovered">Told if there was one.</param>
    /// <param name="cancel">Ends the wait for the lock.</param>
    /// <exception cref="VmDatabaseException">It is not there, or cannot be read.</exception>
    public static async Task<DatabaseFile> OpenAsync(IDatabaseCalls calls, string path, Action? recovered, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var handle = calls.Open(path, DatabaseLibc.ReadWrite);
            try
            {
                await RecordLock.TakeAsync(handle, cancel).ConfigureAwait(false);

                // Whoever replaces the file by another one while we wait leaves us with the lock of a file that nobody reads.
                if (SameFile.IsAt(handle, path))
                {
                    var opened = new DatabaseFile(calls, path, handle);
                    if (opened.Recover()) recovered?.Invoke();
                    return opened;
                }
            }
            catch
            {
                handle.Dispose();
                throw;
            }

            handle.Dispose();
            if (tries == MaxTries) throw new VmDatabaseException($"{path} is replaced again and again");
        }
    }

    private string JournalPath => path + ".qfx-journal";

    public byte[] Read()
    {
        var text = new byte[RandomAccess.GetLength(file)];
        var read = 0;
        while (read < text.Length && RandomAccess.Read(file, text.AsSpan(read), read) is > 0 and var some) read += some;
        return text[..read];
    }

    /// <summary>Makes it another text.</summary>
    /// <exception cref="IOException">It could not be written, and is as it was; where even that could not be, it is whole when it is opened again.</exception>
    public void Replace(byte[] before, byte[] after)
    {
        var change = new UpdateJournal(before, after);
        try
        {
            Announce(change);
            calls.Reserve(file, after.Length);
            Apply(change, from: before.AsSpan().CommonPrefixLength(after));
        }
        catch (IOException)
        {
            TryUndo(change);
            throw;
        }

        TryForget();
    }

    public void Dispose() => file.Dispose();

    private void Announce(UpdateJournal change)
    {
        using (var journal = calls.Open(JournalPath, DatabaseLibc.CreateNew))
        {
            WriteAll(journal, change.Encode(), 0);
            calls.Sync(journal);
        }

        SyncFolder();
    }

    private void Apply(UpdateJournal change, int from)
    {
        WriteAll(file, change.Padded().AsSpan(from), from);
        if (change.After.Length < change.Before.Length) calls.Truncate(file, change.After.Length);
        calls.Sync(file);
    }

    /// <summary>A journal that stays is no fault: it says what the file has become.</summary>
    private void TryForget()
    {
        try
        {
            calls.Remove(JournalPath);
            SyncFolder();
        }
        catch (IOException)
        {
            // The next one to open the file removes it.
        }
    }

    /// <summary>On the way out of an error, which is the one to report.</summary>
    private void TryUndo(UpdateJournal change)
    {
        try
        {
            if (!Read().AsSpan().SequenceEqual(change.Before)) Apply(new(change.After, change.Before), from: 0);
            if (File.Exists(JournalPath)) calls.Remove(JournalPath);
        }
        catch (IOException)
        {
            // With the journal there, whoever opens the file next makes it whole.
        }
    }

    private bool Recover()
    {
        if (!File.Exists(JournalPath)) return false;
        var text = Read();
        var change = UpdateJournal.Decode(File.ReadAllBytes(JournalPath));
        if (change is not null && !text.AsSpan().SequenceEqual(change.Before) && !text.AsSpan().SequenceEqual(change.After) && change.IsTorn(text))
        {
            Apply(change, from: 0);
            TryForget();
            return true;
        }

        // Not begun, done, or overtaken by somebody who wrote a whole list after us. A file that is no list is left to a person, with the journal.
        _ = QubesVmList.Parse(text);
        calls.Remove(JournalPath);
        SyncFolder();
        return false;
    }

    private void WriteAll(SafeFileHandle target, ReadOnlySpan<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var written = calls.Write(target, bytes, offset);
            bytes = bytes[written..];
            offset += written;
        }
    }

    private void SyncFolder()
    {
        using var folder = calls.Open(Path.GetDirectoryName(Path.GetFullPath(path))!, DatabaseLibc.Folder);
        calls.Sync(folder);
    }
}
