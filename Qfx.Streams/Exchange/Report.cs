using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <summary>What the administrator is told: the truth, whatever the guest was told.</summary>
/// <param name="Kind">Ordinary, or worth a look.</param>
/// <param name="About">The domain that asked, or that it happened to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Pendrive">The pendrive it is about.</param>
/// <param name="To">The receiver it is about.</param>
/// <param name="Code">What it came to.</param>
/// <param name="Text">In words; a guest's text only as <see cref="Quote"/> gives it.</param>
public sealed record Report(
    ReportKind Kind, DomainIdentity About, VmName? Name, PendriveId? Pendrive, VmName? To, StatusCode Code, string Text);

/// <summary>How loud a report is.</summary>
public enum ReportKind
{
    /// <summary>What is meant to happen.</summary>
    Done,

    /// <summary>A guest was told no.</summary>
    Refused,

    /// <summary>Something did not work.</summary>
    Trouble,
}
