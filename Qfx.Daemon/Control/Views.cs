using System.Text.Json.Serialization;

namespace Qfx.Daemon.Control;

/// <summary>The daemon as a whole.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Started">When.</param>
/// <param name="Store">Whether xenstored is there.</param>
/// <param name="Domains">VMs that run.</param>
/// <param name="Pendrives">Those that exist.</param>
/// <param name="Questions">Those that are open.</param>
/// <param name="Dvms">Disposable VMs, in any stage.</param>
/// <param name="Policy">Lines of the policy; null: there is none, and everything is denied.</param>
internal sealed record StatusView(string Version, DateTimeOffset Started, bool Store, int Domains, int Pendrives, int Questions, int Dvms, int? Policy);

/// <summary>A VM.</summary>
/// <param name="Domid">Its number.</param>
/// <param name="Name">Its name; null while none is its alone.</param>
/// <param name="Requests">Taken from it so far.</param>
/// <param name="Xvdg">The pendrive at its xvdg.</param>
/// <param name="Xvdh">The pendrive at its xvdh.</param>
internal sealed record DomainView(int Domid, string? Name, int Requests, string? Xvdg, string? Xvdh);

/// <summary>A pendrive.</summary>
/// <param name="Id">As the journal names it: <c>p7</c>.</param>
/// <param name="Sender">The VM that asked for it.</param>
/// <param name="Receiver">The VM that is to have it, or has it.</param>
/// <param name="Stage">Where it is in its life, in a word.</param>
/// <param name="At">The VM and the disk that it is at, such as <c>work xvdg</c>; null while it is at nobody.</param>
internal sealed record PendriveView(string Id, string Sender, string? Receiver, string Stage, string? At);

/// <summary>An open question.</summary>
/// <param name="Id">As the journal names it: <c>q8</c>.</param>
/// <param name="Pendrive">What it is about.</param>
/// <param name="From">Who asks.</param>
/// <param name="To">Whom for; null where the person is to choose.</param>
/// <param name="Service">Such as <c>qfx.Copy</c>.</param>
/// <param name="Rule">The line that has the person asked.</param>
/// <param name="Shown">It is on the screen, or was.</param>
/// <param name="Seconds">Since it was asked.</param>
internal sealed record QuestionView(string Id, string Pendrive, string From, string? To, string Service, string Rule, bool Shown, int Seconds);

/// <summary>A disposable VM.</summary>
/// <param name="Id">As the journal names it.</param>
/// <param name="Name">The domain's; null while there is none.</param>
/// <param name="Domid">The domain's.</param>
/// <param name="For">Who asked for it; null for one that is made ahead.</param>
/// <param name="Stage">How far it is, in a word.</param>
internal sealed record DvmView(string Id, string? Name, int? Domid, string? For, string Stage);

/// <summary>A decision: the audit.</summary>
internal sealed record DecisionView(
    DateTimeOffset At, string Service, string From, string? To, string? Pendrive, bool Allowed, string Code, string By, string Rule, int Milliseconds, long? Written, string Why);

/// <summary>Something that happened.</summary>
/// <param name="Number">One more than the last; a gap says that some were missed.</param>
/// <param name="At">When.</param>
/// <param name="Kind"><c>domain</c>, <c>request</c>, <c>report</c> or <c>decision</c>.</param>
/// <param name="Vm">The VM that it is about.</param>
/// <param name="Pendrive">The pendrive that it is about.</param>
/// <param name="Text">In words; nothing of a guest's own in it.</param>
internal sealed record EventView(long Number, DateTimeOffset At, string Kind, string Vm, string? Pendrive, string Text);

/// <summary>All of it at one moment.</summary>
internal sealed record OverviewView(
    StatusView Status, IReadOnlyList<DomainView> Domains, IReadOnlyList<PendriveView> Pendrives, IReadOnlyList<QuestionView> Questions, IReadOnlyList<DvmView> Dvms);

/// <summary>An order was taken, or why not.</summary>
internal sealed record AnswerView(string Text);

/// <summary>Which level the log has.</summary>
internal sealed record LevelView(string Level);

/// <summary>Reads and writes them without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OverviewView))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(IReadOnlyList<DomainView>))]
[JsonSerializable(typeof(IReadOnlyList<PendriveView>))]
[JsonSerializable(typeof(IReadOnlyList<QuestionView>))]
[JsonSerializable(typeof(IReadOnlyList<DvmView>))]
[JsonSerializable(typeof(IReadOnlyList<DecisionView>))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(AnswerView))]
[JsonSerializable(typeof(LevelView))]
internal sealed partial class ControlJson : JsonSerializerContext;
