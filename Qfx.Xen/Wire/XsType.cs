using System.Diagnostics.CodeAnalysis;

namespace Qfx.Xen.Wire;

/// <summary>What a message is. enum xsd_sockmsg_type in xen/include/public/io/xs_wire.h; payloads in xenstore.txt.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "It is a uint32 on the wire.")]
public enum XsType : uint
{
#pragma warning disable CS1591 // each is described by name in xenstore.txt
    Control = 0,
    Directory = 1,
    Read = 2,
    GetPerms = 3,
    Watch = 4,
    Unwatch = 5,
    TransactionStart = 6,
    TransactionEnd = 7,
    Introduce = 8,
    Release = 9,
    GetDomainPath = 10,
    Write = 11,
    Mkdir = 12,
    Rm = 13,
    SetPerms = 14,
    WatchEvent = 15,
    Error = 16,
    IsDomainIntroduced = 17,
    Resume = 18,
    SetTarget = 19,
    ResetWatches = 21,
    DirectoryPart = 22,
#pragma warning restore CS1591
}
