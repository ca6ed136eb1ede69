using System.Collections.Immutable;
using System.Globalization;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <summary>One turn of the rules: the state as it becomes, and the commands that come of it. Lives no longer than one event.</summary>
internal sealed class Turn(ExchangeState state)
{
    private readonly ImmutableArray<ExchangeCommand>.Builder commands = ImmutableArray.CreateBuilder<ExchangeCommand>();

    public ExchangeState State { get; set; } = state;

    public ExchangeSettings Settings => State.Settings;

    public ImmutableArray<ExchangeCommand> Commands => commands.ToImmutable();

    public void Do(ExchangeCommand command) => commands.Add(command);

    /// <summary>A number that was never given before.</summary>
    public long Number()
    {
        State = State with { LastNumber = State.LastNumber + 1 };
        return State.LastNumber;
    }

    public void Put(Pendrive pendrive, Stage stage) => State = State.Put(pendrive with { Stage = stage });

    public bool IsAlive(DomainIdentity identity) => State.Find(identity) is not null;

    /// <summary>Answers a request: in the guest's status key, and as one line of the journal.</summary>
    /// <param name="to">Who asked.</param>
    /// <param name="n">Which of its requests; a later one that was taken meanwhile has the key for itself.</param>
    /// <param name="code">What came of it.</param>
    /// <param name="text">The same in words.</param>
    /// <param name="about">The pendrive, where there is one.</param>
    /// <param name="receiver">The receiver, where there is one.</param>
    /// <param name="journal">What the journal has instead of the text.</param>
    public void Answer(
        DomainIdentity to, int n, StatusCode code, string text, PendriveId? about = null, VmName? receiver = null, string? journal = null)
    {
        Record(code, to, about, receiver, journal ?? text);
        if (State.Find(to) is { } vm && vm.Taken == n)
            Do(new ExchangeCommand.WriteStatus(to, new(n, code, text), Settings.EffectLimit));
    }

    /// <summary>Answers with what is nobody's business but dom0's: the guest hears <c>denied</c>, the journal the truth.</summary>
    public void AnswerGuarded(DomainIdentity to, int n, StatusCode code, string text, PendriveId? about, VmName? receiver)
    {
        if (Settings.RevealNames) Answer(to, n, code, text, about, receiver);
        else Answer(to, n, StatusCode.Denied, "not allowed", about, receiver, journal: $"{code.Word()}: {text}");
    }

    /// <summary>One line of the journal. Of what a VM is refused there are so many a minute, and then a count.</summary>
    public void Record(StatusCode code, DomainIdentity about, PendriveId? pendrive, VmName? receiver, string text)
    {
        var kind = KindOf(code);
        var remark = "";
        if (kind == ReportKind.Refused && !MayWrite(about, out remark)) return;
        Do(new ExchangeCommand.Record(new(kind, about, State.PartyOf(about)?.Name, pendrive, receiver, code, text + remark)));
    }

    /// <summary>The line of a decision. Of those that a VM can bring about alone there are so many a minute; a person's no is always written.</summary>
    public void Decided(Decided what)
    {
        var remark = "";
        if (what is { Allowed: false, By: "policy" or "quiet" } && !MayWrite(what.From, out remark)) return;
        Do(new ExchangeCommand.Audit(what with { Why = what.Why + remark }));
    }

    /// <summary>Whether one line more about a refusal of this VM is written.</summary>
    /// <param name="about">The VM.</param>
    /// <param name="remark">To stand in it: that lines were left out before it, or will be after it.</param>
    private bool MayWrite(DomainIdentity about, out string remark)
    {
        remark = "";
        if (State.Find(about) is not { } vm) return true;
        var most = Settings.RefusalsWrittenPerMinute;
        var lines = vm.Refusals.Next(State.Now, most);
        State = State with { Vms = State.Vms.SetItem(vm.Domid, vm with { Refusals = lines }) };
        if (lines.Wanted > most) return false;
        if (lines.LeftOut > 0) remark = string.Create(CultureInfo.InvariantCulture, $" ({lines.LeftOut} more lines about refusals of this VM were not written)");
        else if (lines.Wanted == most) remark = " (more about refusals of this VM is not written within this minute)";
        return true;
    }

    private static ReportKind KindOf(StatusCode code) => code switch
    {
        StatusCode.Ready or StatusCode.Attached or StatusCode.Asking or StatusCode.Waiting or StatusCode.Sent
            or StatusCode.Received or StatusCode.Detached or StatusCode.Cancelled => ReportKind.Done,
        StatusCode.Failed or StatusCode.TimedOut or StatusCode.NotReceived or StatusCode.NoSpace or StatusCode.SlotInUse
            or StatusCode.Restarted => ReportKind.Trouble,
        _ => ReportKind.Refused,
    };
}
