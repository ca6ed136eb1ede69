using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>A server with two of dom0's clients and one of a guest's, on which programs are run one after the other.</summary>
/// <param name="socketOf">Where the clients of a domain connect.</param>
/// <param name="ordered">Whether children are compared in their order: the C server's is that of their making, the OCaml server's that of the alphabet.</param>
internal sealed class StoreUnderTest(Func<Domid, string> socketOf, bool ordered) : IDisposable
{
    private static readonly string[] Nodes = ["/t", "/t/a", "/t/a/b", "/t/a/b/c", "/t/d", "/t/g", "/t/g/x", "/t/g/x/y", "/t/r", "/t/r/s", "/t/w", "/local/domain/1/t", "/local/domain/1/t/x", "/local/domain/0/t", "/local/domain/0/t/x"];

    private readonly RawClient[] clients = [new(socketOf(Domid.Zero)), new(socketOf(Domid.Zero)), new(socketOf(new(1)))];

    /// <summary>Runs a program from a known beginning.</summary>
    /// <returns>A line for each step: the answer and the events that it made, and last what is in the tree.</returns>
    public List<string> Run(IReadOnlyList<StoreStep> program)
    {
        Begin();
        var lines = new List<string>();
        var watching = new HashSet<int>();
        foreach (var step in program)
        {
            var answer = clients[step.Client].Ask(step);
            if (step.Type == XsType.Watch) watching.Add(step.Client);
            var events = string.Concat(watching.Order().Select(client => $" [{client}: {clients[client].Events()}]"));
            if (step.Type == XsType.Directory) answer = Children(answer);
            lines.Add($"{step} -> {answer}{events}");
        }

        lines.AddRange(Nodes.Select(Describe));
        return lines;
    }

    public void Dispose()
    {
        foreach (var client in clients) client.Dispose();
    }

    /// <summary>dom0's own nodes, one that the guest owns, one that it reads and one that it writes.</summary>
    private void Begin()
    {
        foreach (var client in clients) client.Reset();
        foreach (var node in new[] { "/t", "/vm", "/none", "/local/domain/0/t", "/local/domain/1/t" }) Do(XsType.Rm, $"{node}|");
        foreach (var (node, permissions) in new[]
        {
            ("/t", "n0|"), ("/t/a", "n0|"), ("/t/g", "n1|r0|"), ("/t/r", "n0|r1|"), ("/t/w", "n0|w1|"), ("/local/domain/1/t", "n1|"),
        })
        {
            Do(XsType.Write, $"{node}|old");
            Do(XsType.SetPerms, $"{node}|{permissions}");
        }
    }

    private string Describe(string node)
    {
        var (read, value) = Do(XsType.Read, $"{node}|");
        if (read == XsType.Error) return $"{node}: {value}";
        var (_, permissions) = Do(XsType.GetPerms, $"{node}|");
        var (_, children) = Do(XsType.Directory, $"{node}|");
        return $"{node}: {value.Length} {permissions} {Children(children.Replace('\0', '|'))}".Replace('\0', '|');
    }

    private string Children(string list) => ordered ? list : string.Join('|', list.Split('|').Order(StringComparer.Ordinal));

    private (XsType Type, string Payload) Do(XsType type, string payload) => clients[0].Ask(type, 0, Encoding.Latin1.GetBytes(payload.Replace('|', '\0')));
}
