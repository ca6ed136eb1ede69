using Microsoft.Extensions.Logging;
using Qfx.Daemon.Block;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Images;
using Qfx.Daemon.Logging;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Runner;

/// <summary>What an earlier run left: what can be gone on with is found, what is ours and belongs to nobody is taken away.</summary>
internal static class EarlierRun
{
    /// <summary>Looks at the disks, the spool and the records, before anything else is done.</summary>
    /// <param name="images">The spool.</param>
    /// <param name="disks">The disks of this host.</param>
    /// <param name="records">What is kept of disposable VMs.</param>
    /// <param name="limit">How long VMs may take to let go of what nobody is to have.</param>
    /// <param name="log">Told what was swept.</param>
    /// <param name="cancel">Breaks it off.</param>
    public static async Task<ExchangeEvent.Recovered> FindAsync(
        ImageStore images, IDaemonDisks disks, DvmRecords records, TimeSpan limit, ILogger log, CancellationToken cancel)
    {
        var replies = records.Replies();
        var files = images.OfEarlierRuns();
        var known = files.Where(file => !replies.Contains(Path.GetFileName(file)))
            .Select(file => (File: file, Record: PendriveRecord.Read(file))).Where(known => known.Record is not null)
            .ToDictionary(known => known.File, known => known.Record!);
        var swept = await disks.SweepAsync(
            files, (file, vm, vdev) => known.TryGetValue(file, out var record) && record.MayStay(vm, vdev), limit, cancel).ConfigureAwait(false);
        var adopted = new Dictionary<string, PendriveId>();
        bool IsHeld(string file) => swept.Held.Contains(images.PathOfFile(file));
        PendriveId? Adopt(string file)
        {
            var id = new PendriveId(adopted.Count + 1);
            if (adopted.ContainsKey(file) || !images.Adopt(Effects.FileOf(id), file)) return null;
            adopted.Add(file, id);
            return id;
        }

        var found = new List<FoundPendrive>();
        foreach (var (file, record) in known.OrderBy(known => known.Key, StringComparer.Ordinal))
        {
            Slot? at = swept.Staying.TryGetValue(file, out var slot) ? slot : null;
            if ((at is null && record.Approved is null) || IsHeld(Path.GetFileName(file))) continue;
            if (Adopt(Path.GetFileName(file)) is not { } id) continue;
            long? written = AllocatedSize.Of(file) is { } now ? Math.Max(0, now - record.Blank) : null;
            found.Add(new(id, record.Sender, record.Raw, at, record.Approved, written));
        }

        var dvms = records.Load(file => adopted.TryGetValue(file, out var id) ? id : null, Adopt, IsHeld, log.RecordBroken);
        if (images.Sweep(swept.Held) is > 0 and var many) log.SpoolSwept(many);
        if (swept.Held.Count > 0) log.StillHeld(swept.Held.Count);
        if (found.Count > 0) log.TakenUp(found.Count);
        return new([.. dvms]) { Pendrives = [.. found] };
    }
}
