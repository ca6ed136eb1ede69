using System.Text.Json;
using System.Text.Json.Serialization;
using Qfx.Daemon.Files;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Block;

namespace Qfx.Daemon.Images;

/// <summary>What is kept of a pendrive beside its image, so that a daemon that is started anew knows whose it is and who may get it.</summary>
/// <param name="Sender">Who asked for it.</param>
/// <param name="Raw">All zeros when it was made.</param>
/// <param name="Blank">Bytes that it took on disk then.</param>
/// <param name="Approved">Who may have it beside its sender.</param>
/// <remarks>
/// Written beside, then renamed: there is the old one or the new one, whole. Not synced: it outlives the daemon and not the host,
/// whose end is the end of all VMs that it speaks of.
/// </remarks>
internal sealed partial record PendriveRecord(DomainIdentity Sender, bool Raw, long Blank, Approval? Approved)
{
    /// <summary>Behind the path of the image.</summary>
    public const string Suffix = ".json";

    /// <summary>Whether the image may stay where a disk says that it is.</summary>
    public bool MayStay(DomainIdentity vm, Vdev vdev) =>
        vdev == Vdev.Xvdg ? vm == Sender : vdev == Vdev.Xvdh && vm == Approved?.To.Identity;

    /// <summary>Writes it, over an older one.</summary>
    /// <exception cref="ImageException">It is not written, and there is no older one any more: nothing is gone on with that was not meant.</exception>
    public void Write(string image)
    {
        var path = image + Suffix;
        try
        {
            File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(
                new Stored
                {
                    Domid = Sender.Domid.Value,
                    Uuid = Sender.Uuid,
                    Raw = Raw,
                    Blank = Blank,
                    N = Approved?.N ?? 0,
                    From = Approved?.From.Name.ToString(),
                    ToDomid = Approved?.To.Domid.Value ?? 0,
                    ToUuid = Approved?.To.Identity.Uuid,
                    To = Approved?.To.Name.ToString(),
                    Seen = Approved?.Seen,
                },
                RecordContext.Default.Stored));
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Forget(path);
            throw ImageException.Of($"{path} could not be written", e);
        }
    }

    /// <summary>What is not true any more is better not there; on a file system that takes nothing it stays.</summary>
    private static void Forget(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }

    /// <summary>Reads the one of an image; null where there is none that can be believed.</summary>
    public static PendriveRecord? Read(string image)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(image + Suffix), RecordContext.Default.Stored) is { } stored ? Parse(stored) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static PendriveRecord? Parse(Stored stored)
    {
        if (StoredParty.Identity(stored.Domid, stored.Uuid) is not { } sender) return null;
        var approved = StoredParty.Of(stored.Domid, stored.Uuid, stored.From) is { } from && StoredParty.Of(stored.ToDomid, stored.ToUuid, stored.To) is { } to
            ? new Approval(stored.N, from, to, stored.Seen) : null;
        return new(sender, stored.Raw, stored.Blank, approved);
    }

    /// <summary>The text of a file.</summary>
    internal sealed record Stored
    {
        public int Domid { get; init; }

        public string? Uuid { get; init; }

        public bool Raw { get; init; }

        public long Blank { get; init; }

        public int N { get; init; }

        public string? From { get; init; }

        public int ToDomid { get; init; }

        public string? ToUuid { get; init; }

        public string? To { get; init; }

        public long? Seen { get; init; }
    }

    [JsonSourceGenerationOptions(WriteIndented = true)]
    [JsonSerializable(typeof(Stored))]
    internal sealed partial class RecordContext : JsonSerializerContext;
}
