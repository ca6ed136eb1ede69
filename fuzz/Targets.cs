using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Qfx.Daemon.Control;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Qubes;
using Qfx.Guest.Archive;
using Qfx.Streams.Domains;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;
using Qfx.Xen.Wire;

namespace Qfx.Fuzz;

/// <summary>Does something with any bytes, and throws if what comes of it may not be.</summary>
internal delegate void Target(ReadOnlySpan<byte> bytes);

/// <summary>What takes bytes from somebody who is not trusted, or from a file that may be broken. Each says what must hold of whatever it makes of them.</summary>
internal static class Targets
{
    public static readonly ImmutableDictionary<string, Target> All = new Dictionary<string, Target>
    {
        ["request"] = Request,
        ["frame"] = Frame,
        ["header"] = Header,
        ["policy"] = Policy,
        ["qubesxml"] = QubesXml,
        ["control"] = Control,
    }.ToImmutableDictionary();

    /// <summary>A guest's request, and a status that an earlier daemon is said to have written: an answer to any bytes, harmless in a log.</summary>
    private static void Request(ReadOnlySpan<byte> bytes)
    {
        var request = RequestParser.Parse(bytes);
        if (request is Streams.Requests.Request.Malformed bad)
            Holds(bad.Quoted.Length <= (Quote.MaxShown * 4) + 40 && bad.Quoted.All(IsPrintable) && bad.Reason.All(IsPrintable), "what is quoted is short, printable and one line");
        if (request is Streams.Requests.Request.Send send) Holds(VmName.TryParse(send.To.ToString(), out var to) && to == send.To, "a receiver's name is a name");
        Holds(request == RequestParser.Parse(bytes), "the same bytes are the same request");
        Holds(Status.CountOf(bytes) >= 0, "a count is none below 0");
        _ = Status.IsOpen(bytes);
        Holds(RestoreReport.Parse(bytes) is not { } report || ReportOf(report).AsSpan().SequenceEqual(WithLine(bytes)), "a report is what it was written as");
    }

    /// <summary>A byte stream from a xenstored: however it is cut, it is the same messages, up to the same place.</summary>
    private static void Frame(ReadOnlySpan<byte> bytes)
    {
        var whole = Read(bytes, bytes.Length);
        Holds(whole == Read(bytes, 1), "a stream that comes byte by byte has the same messages");
        Holds(whole == Read(bytes, 17), "a stream that comes in pieces has the same messages");
    }

    /// <summary>The first block of an archive pendrive.</summary>
    private static void Header(ReadOnlySpan<byte> bytes)
    {
        var block = new byte[ArchiveHeader.Size];
        bytes[..Math.Min(bytes.Length, block.Length)].CopyTo(block);
        if (ArchiveHeader.Read(block) is not { } header) return;
        Holds(header is { Length: >= 0, Contents: >= 0, Entries: >= 0 }, "nothing is less than nothing");
        Holds(ArchiveHeader.Read(header.ToBlock()) == header, "what is written is what was read");
    }

    /// <summary>A policy file: a policy that decides, or faults that each have a place and harmless words.</summary>
    private static void Policy(ReadOnlySpan<byte> bytes)
    {
        var (policy, problems) = PolicyParser.Parse([new("50-any.policy", Encoding.UTF8.GetString(bytes))]);
        Holds(policy is null != problems.IsEmpty, "there is a policy, or there are faults");
        foreach (var problem in problems) Holds(problem.ToString().All(c => !char.IsControl(c)), "a fault is one harmless line");
        if (policy is null) return;
        var (work, personal) = (VmName.Parse("work"), VmName.Parse("personal"));
        foreach (var service in Enum.GetValues<PolicyService>())
        {
            var decision = policy.Decide(service, work, personal);
            Holds(decision == policy.Decide(service, work, personal), "the same question has the same answer");
            Holds(decision.Rule is not null || decision.Verdict == PolicyVerdict.Deny, "what no line allows is denied");
        }

        _ = PolicyLint.Check(policy);
    }

    /// <summary>The host's list of VMs: what is added and taken away again leaves every byte as it was.</summary>
    private static void QubesXml(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.ToArray();
        _ = UpdateJournal.Decode(bytes);
        try
        {
            var list = QubesVmList.Parse(text);
            if (list.Vms.FirstOrDefault(vm => vm.Name is { Length: > 0 }) is not { Name: { } from }) return;
            var more = QubesVmList.Parse(list.With("disp77", from, "red"));
            Holds(more.Vms.Count == list.Vms.Count + 1, "there is one more");
            var less = more.Without("disp77");
            Holds(less is not null && QubesVmList.Parse(less).Vms.SequenceEqual(list.Vms), "and without it all are as before");
        }
        catch (VmDatabaseException)
        {
            // It is no list, or none that can be changed so.
        }
    }

    /// <summary>What the control socket is asked, and what its clients read.</summary>
    private static void Control(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        using var board = new ControlBoard(TimeProvider.System);
        using var orders = new ControlOrders(board);
        Holds(orders.Cancel(text) is null && orders.Detach(text) is null, "nothing is there to be cancelled or detached");
        try
        {
            _ = JsonSerializer.Deserialize(bytes, ControlJson.Default.EventView);
            _ = JsonSerializer.Deserialize(bytes, ControlJson.Default.AnswerView);
        }
        catch (JsonException)
        {
            // No answer of a daemon.
        }
    }

    /// <summary>The messages of a stream, each with a sum of what its payload reads as, and how it ended.</summary>
    private static string Read(ReadOnlySpan<byte> bytes, int piece)
    {
        var read = new StringBuilder();
        using var reader = new XsFrameReader();
        try
        {
            while (!bytes.IsEmpty)
            {
                var space = reader.GetMemory().Span;
                var part = bytes[..Math.Min(Math.Min(piece, space.Length), bytes.Length)];
                part.CopyTo(space);
                reader.Advance(part.Length);
                bytes = bytes[part.Length..];
                while (reader.TryRead(out var frame)) read.Append(frame.Header).Append(Payload(frame.Payload)).Append('\n');
            }
        }
        catch (XsProtocolException e)
        {
            return read.Append(e.Message).ToString();
        }

        return read.Append(reader.IsEmpty).ToString();
    }

    private static string Payload(ReadOnlySpan<byte> payload)
    {
        var read = new StringBuilder();
        try
        {
            read.Append(XsPayload.List(payload).Count);
            read.Append(XsPayload.Text(payload).Length);
            read.Append(XsPayload.Error(payload));
        }
        catch (XsProtocolException e)
        {
            read.Append(e.Message);
        }

        return read.ToString();
    }

    private static byte[] ReportOf(RestoredVm report) => Encoding.ASCII.GetBytes($"{report.Domid}\n{report.Name}\n{report.SavedFrom}\n");

    private static ReadOnlySpan<byte> WithLine(ReadOnlySpan<byte> bytes) => bytes is [.., (byte)'\n'] ? bytes : (byte[])[.. bytes, (byte)'\n'];

    private static bool IsPrintable(char c) => c is >= ' ' and <= '~';

    private static void Holds(bool condition, string what)
    {
        if (!condition) throw new InvalidOperationException($"it does not hold that {what}");
    }
}
