using System.Text;
using Qfx.Streams.Domains;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.Disposables;

/// <summary>What the restore command reports, <c>dispVM_xid</c>: domid, name, name of the VM that the savefile was taken of, a line each.</summary>
/// <remarks>dom0's own file, and read as if it were a guest's: bounded, and taken only if every line is what it must be.</remarks>
internal static class RestoreReport
{
    /// <summary>Bytes it may have; three lines of the longest names have 75.</summary>
    public const int MaxLength = 128;

    /// <exception cref="DisposableException">It is missing, too long, or something else.</exception>
    public static RestoredVm Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxLength + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Parse(bytes.AsSpan(0, length)) ?? throw new DisposableException($"{path} does not say which VM was restored");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DisposableException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <returns>Null for what is no report.</returns>
    public static RestoredVm? Parse(ReadOnlySpan<byte> report)
    {
        if (report.Length > MaxLength || !Ascii.IsValid(report)) return null;
        var text = Encoding.ASCII.GetString(report);
        return (text.EndsWith('\n') ? text[..^1] : text).Split('\n') is [var number, var name, var from]
            && Domid.TryParse(number, out var domid) && domid != Domid.Zero
            && VmName.TryParse(name, out var vm) && VmName.TryParse(from, out var savedFrom)
            ? new(domid, vm, savedFrom) : null;
    }
}
