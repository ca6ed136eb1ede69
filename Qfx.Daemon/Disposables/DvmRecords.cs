using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qfx.Daemon.Files;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Disposables;

/// <summary>What disposable VMs may do, on disk: one file a VM, so that a daemon that is started anew knows it.</summary>
/// <remarks>A file is written beside, synced, renamed and its folder synced: after a crash there is the old one or the new one, whole.</remarks>
internal sealed partial class DvmRecords
{
    private readonly string folder;

    private DvmRecords(string folder) => this.folder = folder;

    /// <summary>Opens the folder, and makes it, private, where it is missing.</summary>
    public static DvmRecords Open(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new(folder);
    }

    /// <summary>
    /// A restore is under way: a VM that it reports and that has no record is ours, whatever becomes of this daemon. Known on disk until
    /// <see cref="EndRestore"/>.
    /// </summary>
    /// <returns>Its mark, which no other restore has.</returns>
    public string BeginRestore()
    {
        var mark = Guid.NewGuid().ToString("N");
        using (var file = new FileStream(Restoring, FileMode.Create, FileAccess.Write, FileShare.None, 0))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(mark));
            file.Flush(flushToDisk: true);
        }

        SyncFolder();
        return mark;
    }

    /// <summary>The VM has its record, or there is none.</summary>
    public void EndRestore()
    {
        File.Delete(Restoring);
        SyncFolder();
    }

    /// <summary>Whether a restore had begun and was not ended.</summary>
    public bool IsRestoring => File.Exists(Restoring);

    /// <summary>The mark that it had begun under; empty in one of an earlier version.</summary>
    public string RestoreMark => File.ReadAllText(Restoring);

    /// <summary>When it had.</summary>
    public DateTime RestoringSince => File.GetLastWriteTimeUtc(Restoring);

    /// <summary>Whether a VM has a record.</summary>
    public bool Has(DomainIdentity vm) => File.Exists(PathOf(vm));

    private string Restoring => Path.Combine(folder, "restoring");

    /// <summary>Writes one, over an older one of the same VM. It is on disk when this returns.</summary>
    /// <param name="record">What it may do.</param>
    /// <param name="fileOf">The file name of a pendrive's image.</param>
    /// <exception cref="IOException">It is not written; an older one is as it was.</exception>
    public void Write(DvmRecord record, Func<PendriveId, string> fileOf)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(
            new Stored
            {
                Domid = record.Vm.Domid.Value,
                Uuid = record.Vm.Identity.Uuid,
                Name = record.Vm.Name.ToString(),
                RequesterDomid = record.Allowed?.Requester.Domid.Value,
                RequesterUuid = record.Allowed?.Requester.Identity.Uuid,
                Requester = record.Allowed?.Requester.Name.ToString(),
                Seq = record.Allowed?.Seq ?? 0,
                ViewOnly = record.Allowed?.ViewOnly ?? false,
                Used = record.Used,
                Opens = record.Opens is { } opens ? fileOf(opens) : null,
                Reply = record.Reply is { } reply ? fileOf(reply) : null,
            },
            StoredContext.Default.Stored);
        var path = PathOf(record.Vm.Identity);
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None, 0))
        {
            file.Write(text);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
        SyncFolder();
    }

    /// <summary>Deletes the record of a VM; none is no error.</summary>
    public void Delete(DomainIdentity vm)
    {
        File.Delete(PathOf(vm));
        SyncFolder();
    }

    /// <summary>Those that an earlier run left.</summary>
    /// <param name="opened">The number that the image of a pendrive has been taken over under; null if it has not been.</param>
    /// <param name="adopt">Takes over the image of a reply; null if it is not there: the reply has been taken.</param>
    /// <param name="stuck">Whether the image of a reply is still in its VM's hands.</param>
    /// <param name="broken">Told of a file that is no record; it is left where it is, and its VM may do nothing but end.</param>
    public IReadOnlyList<DvmRecord> Load(Func<string, PendriveId?> opened, Func<string, PendriveId?> adopt, Func<string, bool> stuck, Action<string> broken)
    {
        foreach (var unfinished in Directory.EnumerateFiles(folder, "*.new").ToArray()) File.Delete(unfinished);
        var records = new List<DvmRecord>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).ToArray())
        {
            if (Read(path) is not { } stored || Parse(stored) is not { } record)
            {
                broken(path);
                continue;
            }

            records.Add(record with
            {
                Opens = stored.Opens is { } opens ? opened(opens) : null,
                Reply = stored.Reply is { } reply ? adopt(reply) : null,
                IsStuck = stored.Reply is { } held && stuck(held),
            });
        }

        return records;
    }

    /// <summary>The file names of the images that replies are on.</summary>
    public IReadOnlySet<string> Replies() => Directory.EnumerateFiles(folder, "*.json").Select(path => Read(path)?.Reply).OfType<string>().ToHashSet();

    private static Stored? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), StoredContext.Default.Stored);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static DvmRecord? Parse(Stored stored)
    {
        if (StoredParty.Of(stored.Domid, stored.Uuid, stored.Name) is not { } vm) return null;
        if (stored.Requester is null) return new(vm, null, stored.Used, null);
        return StoredParty.Of(stored.RequesterDomid ?? 0, stored.RequesterUuid, stored.Requester) is { } requester && stored.Seq > 0
            ? new(vm, new(requester, stored.Seq, stored.ViewOnly), stored.Used, null) : null;
    }

    /// <summary>A uuid that the toolstack wrote; anything else in a file's name would be a way out of the folder.</summary>
    private string PathOf(DomainIdentity vm) => vm.Uuid.Length == 0 || Guid.TryParse(vm.Uuid, out _)
        ? Path.Combine(folder, $"{vm.Domid}-{vm.Uuid}.json")
        : throw new IOException($"domain {vm.Domid} has no proper uuid");

    private void SyncFolder()
    {
        var handle = OpenFolder(folder, ReadOnly);
        if (handle < 0) throw new IOException($"{folder} cannot be opened to sync it: error {Marshal.GetLastPInvokeError()}");
        try
        {
            if (Fsync(handle) != 0) throw new IOException($"{folder} cannot be synced: error {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private const int ReadOnly = 0;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);

    /// <summary>The text of a file.</summary>
    internal sealed record Stored
    {
        public int Domid { get; init; }

        public string? Uuid { get; init; }

        public string? Name { get; init; }

        public int? RequesterDomid { get; init; }

        public string? RequesterUuid { get; init; }

        public string? Requester { get; init; }

        public int Seq { get; init; }

        public bool ViewOnly { get; init; }

        public bool Used { get; init; }

        public string? Opens { get; init; }

        public string? Reply { get; init; }
    }

    [JsonSourceGenerationOptions(WriteIndented = true)]
    [JsonSerializable(typeof(Stored))]
    internal sealed partial class StoredContext : JsonSerializerContext;
}
