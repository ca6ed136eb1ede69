using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>A server with two of dom0's clients and one of a guest's, on which programs are run one after the other.</summary>
/// <param name="socketOf">Where the clients of a domain connect.</param>
/// <param name="ordered">Whether children are compared in their order: the C server's is that of their making, the OCaml server's that of the alphabet.</param>
/// <param name="scene">Where each program begins; <see cref="StoreScene.Nodes"/> if none is given.</param>
internal sealed class StoreUnderTest(Func<Domid, string> socketOf, bool ordered, StoreScene? scene = null) : IDisposable
{
    private readonly StoreScene scene = scene ?? StoreScene.Nodes;

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

        lines.AddRange(scene.Looked.Select(Describe));
        return lines;
    }

    public void Dispose()
    {
        foreach (var client in clients) client.Dispose();
    }

    private void Begin()
    {
        foreach (var client in clients) client.Reset();
        foreach (var (type, payload) in scene.Begin) Do(type, payload);
        foreach (var client in clients) client.Reset();
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
