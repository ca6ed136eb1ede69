using System.Formats.Tar;
using Qfx.Guest.Copying;
using Qfx.Guest.Host;
using Qfx.Guest.Progress;

namespace Qfx.Guest.Archive;

/// <summary>Writes what was planned onto a raw pendrive: the tar stream, then, when all of it is there, the header.</summary>
internal static class ArchiveWriter
{
    /// <param name="device">A blank raw pendrive: all zeros.</param>
    /// <param name="plan">Made for an archive.</param>
    /// <param name="meter">Counts the bytes of the contents.</param>
    /// <param name="cancel">Ends it; the pendrive has no header then.</param>
    /// <exception cref="GuestException">A file could not be read, or the pendrive not be written.</exception>
    public static void Write(string device, Plan plan, Meter meter, CancellationToken cancel)
    {
        using var file = Libc.Open(device, Libc.WriteOnly | Libc.CloseOnExec);
        if (file.IsInvalid) throw new GuestException(ExitCode.Failed, $"{device} could not be opened: {Libc.LastError}");
        meter.Add(0);
        long length;
        using (var output = new BlankDeviceStream(file, ArchiveHeader.Size))
        {
            using (var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true))
            {
                foreach (var item in plan.Items)
                {
                    cancel.ThrowIfCancellationRequested();
                    Add(tar, item, meter, cancel);
                }
            }

            output.Flush();
            length = output.Position;
        }

        Sync(device, file);
        RandomAccess.Write(file, new ArchiveHeader(length, plan.Bytes, plan.Items.Count).ToBlock(), 0);
        Sync(device, file);
    }

    private static void Add(TarWriter tar, Item item, Meter meter, CancellationToken cancel)
    {
        try
        {
            var entry = new PaxTarEntry(TypeOf(item), item.Target) { Mode = item.Status.Permissions, ModificationTime = item.Status.Modified };
            if (item.LinkTo is not null) entry.LinkName = item.LinkTo;
            using var contents = item.Status.Kind == FileKind.File ? new SourceStream(item, meter, cancel) : null;
            if (item.Bytes > 0) entry.DataStream = contents;
            tar.WriteEntry(entry);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException(ExitCode.Failed, $"{item.Source} could not be copied: {e.Message}", e);
        }
    }

    private static TarEntryType TypeOf(Item item) => item.Status.Kind switch
    {
        FileKind.Folder => TarEntryType.Directory,
        FileKind.Link => TarEntryType.SymbolicLink,
        _ => TarEntryType.RegularFile,
    };

    private static void Sync(string device, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        if (Libc.Sync(file) != 0) throw new GuestException(ExitCode.Failed, $"{device} could not be written: {Libc.LastError}");
    }
}
