using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>Where programs begin, and what is looked at when they have ended.</summary>
/// <param name="Begin">What dom0 asks first, whatever is answered.</param>
/// <param name="Looked">Nodes.</param>
internal sealed record StoreScene((XsType Type, string Payload)[] Begin, string[] Looked)
{
    /// <summary>dom0's own nodes, one that the guest owns, one that it reads and one that it writes.</summary>
    public static readonly StoreScene Nodes = new(
        [
            .. Remove("/t", "/vm", "/none", "/local/domain/0/t", "/local/domain/1/t"),
            .. Make(("/t", "n0|"), ("/t/a", "n0|"), ("/t/g", "n1|r0|"), ("/t/r", "n0|r1|"), ("/t/w", "n0|w1|"), ("/local/domain/1/t", "n1|")),
        ],
        ["/t", "/t/a", "/t/a/b", "/t/a/b/c", "/t/d", "/t/g", "/t/g/x", "/t/g/x/y", "/t/r", "/t/r/s", "/t/w", "/local/domain/1/t", "/local/domain/1/t/x", "/local/domain/0/t", "/local/domain/0/t/x"]);

    /// <summary>Domain 5 is there, domain 6 is not; each owns nodes. Domain 9 is one that others are given the rights of, domain 8 one that owns nothing.</summary>
    public static readonly StoreScene Domains = new(
        [
            .. Remove("/t", "/local/domain/5", "/local/domain/6"),
            (XsType.SetPerms, "@introduceDomain|n0|"), (XsType.SetPerms, "@releaseDomain|n0|"), (XsType.Introduce, "8|1|7|"), (XsType.Introduce, "9|1|7|"), (XsType.SetTarget, "1|8|"), (XsType.Release, "5|"), (XsType.Release, "6|"), (XsType.Release, "77|"), (XsType.Introduce, "5|1|7|"),
            .. Make(("/t", "n0|"), ("/t/one", "n1|"), ("/t/five", "n5|"), ("/t/five/below", "n0|"), ("/t/fives", "n0|r5|"), ("/t/six", "n6|r1|"), ("/t/nine", "n9|"), ("/t/nines", "n0|w9|"), ("/local/domain/5", "n5|"), ("/local/domain/5/x", "n5|r0|")),
        ],
        ["/t", "/t/one", "/t/one/x", "/t/five", "/t/five/below", "/t/five/x", "/t/fives", "/t/fives/x", "/t/six", "/t/six/x", "/t/nine", "/t/nine/x", "/t/nines", "/t/nines/x", "/local/domain/5", "/local/domain/5/x"]);

    private static IEnumerable<(XsType Type, string Payload)> Remove(params string[] nodes) => nodes.Select(node => (XsType.Rm, $"{node}|"));

    private static IEnumerable<(XsType Type, string Payload)> Make(params (string Node, string Permissions)[] nodes) => nodes.SelectMany(node =>
        new[] { (XsType.Write, $"{node.Node}|old"), (XsType.SetPerms, $"{node.Node}|{node.Permissions}") });
}
