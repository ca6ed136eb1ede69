using System.Globalization;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.Files;

/// <summary>Domains as they are read from files of an earlier run: what is no domain is none.</summary>
internal static class StoredParty
{
    /// <summary>A life of a domain; null if it is no number of a guest.</summary>
    public static DomainIdentity? Identity(int domid, string? uuid) =>
        domid > 0 && uuid is not null && Domid.TryParse(domid.ToString(CultureInfo.InvariantCulture), out var id) ? new(id, uuid) : null;

    /// <summary>The same under its name.</summary>
    public static Party? Of(int domid, string? uuid, string? name) =>
        Identity(domid, uuid) is { } identity && VmName.TryParse(name, out var vm) ? new(identity, vm) : null;
}
