using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <summary>Who may have a pendrive: written down before it leaves its sender, so that a daemon that is started anew goes on with it.</summary>
/// <param name="N">The sender's request.</param>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Seen">Bytes on it as the person saw; null where nobody was asked.</param>
public sealed record Approval(int N, Party From, Party To, long? Seen);

/// <summary>A pendrive that an earlier run left, as it was found: its disk in xenstore, its image and its record in the spool.</summary>
/// <param name="Id">Its number from now on.</param>
/// <param name="Sender">Who asked for it.</param>
/// <param name="Raw">All zeros when it was made.</param>
/// <param name="At">Where it is plugged, both ends Connected; null: nowhere.</param>
/// <param name="Approved">Null: nobody may have it but its sender.</param>
/// <param name="Written">Bytes on it now; null: not known.</param>
public sealed record FoundPendrive(PendriveId Id, DomainIdentity Sender, bool Raw, Slot? At, Approval? Approved, long? Written);
