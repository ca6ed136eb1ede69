using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Qfx.Daemon.Logging;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.Runner;

/// <summary>The notes of what was taken, in a file: 64 bytes for each domid, written in place.</summary>
/// <remarks>
/// Of a domid: 32 bytes SHA-256 of the VM's uuid, and two numbers of 4 bytes, little endian: how far its status counted, and how many requests were taken since. In the place of domain
/// 0, which asks nothing, stands which boot of the host it is about: later ones know other domains by the same domids. Not synced: it outlives the daemon and not the host. A
/// write of 64 bytes that do not cross a page is whole or not there, wherever the daemon is killed. It belongs into memory (/run): on the spool's disk, a guest that fills that
/// would hold up whoever writes here.
/// </remarks>
internal sealed class TakenFile : ITakenNotes, IDisposable
{
    private const int Slot = 64;    // bytes
    private const int CountAt = 32;
    private const int TakenAt = 36;
    private const long Length = (long)Slot * (Domid.MaxValue + 1);

    private readonly Lock gate = new();
    private readonly SafeFileHandle file;
    private readonly ILogger log;
    private bool failed;

    private TakenFile(SafeFileHandle file, ILogger log) => (this.file, this.log) = (file, log);

    /// <summary>Opens it; that of another boot is made anew.</summary>
    /// <param name="path">Where; its folder is made if it is missing.</param>
    /// <param name="boot">Which boot of the host this is.</param>
    /// <param name="log">Told once of a disk that does not take it.</param>
    /// <returns>Null: there is none, and none can be made; VMs are served all the same.</returns>
    public static TakenFile? TryOpen(string path, string boot, ILogger log)
    {
        Span<byte> wanted = stackalloc byte[Slot];
        wanted.Clear();
        SHA256.HashData(Encoding.UTF8.GetBytes(boot), wanted);
        SafeFileHandle? file = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Span<byte> head = stackalloc byte[Slot];
            if (RandomAccess.Read(file, head, 0) != Slot || !head.SequenceEqual(wanted) || RandomAccess.GetLength(file) != Length)
            {
                RandomAccess.SetLength(file, 0);
                RandomAccess.SetLength(file, Length);
                RandomAccess.Write(file, wanted, 0);
            }

            return new(file, log);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            log.NotNoted(e.Message);
            return null;
        }
    }

    /// <summary>Over a file that is open.</summary>
    internal static TakenFile Of(SafeFileHandle file, ILogger log) => new(file, log);

    /// <inheritdoc/>
    public void Take(DomainIdentity domain)
    {
        lock (gate) Write(domain, Read(domain).Take());
    }

    /// <inheritdoc/>
    public void Drop(DomainIdentity domain)
    {
        lock (gate) Write(domain, Read(domain).Drop());
    }

    /// <inheritdoc/>
    public void Said(DomainIdentity domain, int count)
    {
        lock (gate)
        {
            var known = Read(domain);
            if (known.Said(count) is var now && now != known) Write(domain, now);
        }
    }

    /// <inheritdoc/>
    public int Open(DomainIdentity domain, int count)
    {
        lock (gate) return Read(domain).Said(count).Taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate) file.Dispose();
    }

    /// <returns>Nothing of another VM that had this domid.</returns>
    private TakenNote Read(DomainIdentity domain)
    {
        Span<byte> slot = stackalloc byte[Slot];
        Span<byte> whose = stackalloc byte[SHA256.HashSizeInBytes];
        try
        {
            if (RandomAccess.Read(file, slot, At(domain)) < Slot) return default;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return default;
        }

        SHA256.HashData(Encoding.UTF8.GetBytes(domain.Uuid), whose);
        return slot.StartsWith(whose) ? new(BinaryPrimitives.ReadInt32LittleEndian(slot[CountAt..]), BinaryPrimitives.ReadInt32LittleEndian(slot[TakenAt..])) : default;
    }

    private void Write(DomainIdentity domain, TakenNote note)
    {
        Span<byte> slot = stackalloc byte[Slot];
        slot.Clear();
        SHA256.HashData(Encoding.UTF8.GetBytes(domain.Uuid), slot);
        BinaryPrimitives.WriteInt32LittleEndian(slot[CountAt..], note.Count);
        BinaryPrimitives.WriteInt32LittleEndian(slot[TakenAt..], note.Taken);
        try
        {
            RandomAccess.Write(file, slot, At(domain));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            if (!failed && e is IOException) log.NotNoted(e.Message);
            failed = true;
        }
    }

    private static long At(DomainIdentity domain) => (long)Slot * domain.Domid.Value;
}
