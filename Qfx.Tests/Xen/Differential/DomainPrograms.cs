using CsCheck;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>Random programs in which domains come, go, are resumed and get the rights of others, while others look and watch.</summary>
internal static class DomainPrograms
{
    private static readonly Gen<string> Domids = Gen.Frequency((12, Of("5", "5", "6")), (4, Of("1", "0", "77", "9")), (1, Of("", "x", "5x", " 5", "-1", "+5", "05", "32752")));

    /// <summary>
    /// Domains that nobody releases: the C server only forgets that one is a target when it is to release it, and releases it the
    /// next time; one that is its own target it never releases.
    /// </summary>
    private static readonly Gen<string> Targets = Gen.Frequency((8, Of("8", "9", "9")), (1, Of("", "x", "78", "0", "-1", "9x")));

    private static readonly Gen<string> Nodes = Gen.Frequency((10, Of("/t/five", "/t/five/below", "/t/five/x", "/t/fives", "/t/fives/x", "/t/six", "/t/six/x", "/t/one", "/t/one/x", "/t/nine", "/t/nine/x", "/t/nines/x", "/local/domain/5/x")), (1, Of("/t", "/local/domain/5")));

    private static readonly Gen<string> Watched = Gen.Frequency((4, Of("@introduceDomain", "@releaseDomain")), (3, Nodes));

    private static readonly Gen<string> Permissions = Of("n5|", "n5|r1|", "n9|", "n0|b9|", "n6|", "n1|", "n0|b5|", "n0|b1|", "b1|", "n1|w5|");

    private static readonly Gen<(XsType Type, string Payload)> Requests = Gen.Frequency<(XsType, string)>(
        (6, Gen.Select(Domids.Where(domid => domid is not ("-1" or "32752")), Of("1|7|", "1|7|", "1|7|", "2|8|", "1|0|", "1|-1|", "1|x|", "x|7|", "1|", "", "1|7", "1|7|x|"), (domid, rest) => (XsType.Introduce, $"{domid}|{rest}"))),
        (5, Domids.Where(domid => domid is not ("1" or "9")).Select(domid => (XsType.Release, $"{domid}|"))),
        (2, Domids.Select(domid => (XsType.Resume, $"{domid}|"))),
        (4, Domids.Select(domid => (XsType.IsDomainIntroduced, $"{domid}|"))),
        (1, Domids.Select(domid => (XsType.GetDomainPath, $"{domid}|"))),
        (6, Gen.Select(Domids.Where(domid => domid is not "9"), Targets, (domid, target) => (XsType.SetTarget, $"{domid}|{target}|"))),
        (1, Of((XsType.Release, ""), (XsType.Release, "5"), (XsType.Release, "5|6|"), (XsType.Resume, ""), (XsType.Resume, "5|6|"), (XsType.SetTarget, ""), (XsType.SetTarget, "1|"),
            (XsType.SetTarget, "1|5"), (XsType.SetTarget, "1|9|8|"), (XsType.IsDomainIntroduced, ""), (XsType.IsDomainIntroduced, "5|6|"), (XsType.Introduce, ""))),
        (6, Nodes.Select(node => (XsType.Read, $"{node}|"))),
        (4, Gen.Select(Nodes, Of("1", "two"), (node, value) => (XsType.Write, $"{node}|{value}"))),
        (2, Nodes.Select(node => (XsType.Rm, $"{node}|"))),
        (2, Nodes.Select(node => (XsType.GetPerms, $"{node}|"))),
        (3, Gen.Select(Nodes, Permissions, (node, permissions) => (XsType.SetPerms, $"{node}|{permissions}"))),
        (2, Gen.Select(Of("@introduceDomain", "@releaseDomain", "@releaseDomain"), Of("n0|r1|", "n0|r1|", "r0|", "n0|r9|", "n0|", "n1|", "n1|r9|", "n0|r1|r2|r3|r4|r6|", ""),
            (path, permissions) => (XsType.SetPerms, $"{path}|{permissions}"))),
        (4, Gen.Select(Watched, Of("1", "2"), (node, token) => (XsType.Watch, $"{node}|{token}|"))),
        (1, Gen.Select(Watched, Of("1", "2"), (node, token) => (XsType.Unwatch, $"{node}|{token}|"))));

    /// <summary>Mostly dom0's and domain 1's.</summary>
    public static readonly Gen<StoreStep[]> Programs = Gen.Select(Gen.Frequency((4, Gen.Const(0)), (1, Gen.Const(1)), (3, Gen.Const(2))), Requests,
        (client, request) => new StoreStep(IsOfDom0(request) ? 0 : client, request.Type, 0, request.Payload)).Array[1, 20];

    /// <summary>CONTROL, as far as it does not speak of the server's own process.</summary>
    public static readonly Gen<StoreStep[]> Control = Gen.Select(
        Gen.Frequency((5, Gen.Const(0)), (1, Gen.Const(2))),
        Of("check|", "log|on|", "log|off|", "log|", "log|x|", "log|on|off|", "print|x|", "print|", "print|x|y|", "none|", "", "check", "check|x|", "|", "Check|"),
        (client, payload) => new StoreStep(client, XsType.Control, 0, payload)).Array[1, 6];

    /// <summary>Refusing it to a guest, the C server says whatever errno was last.</summary>
    private static bool IsOfDom0((XsType Type, string Payload) request) => request.Type == XsType.SetPerms && request.Payload.StartsWith('@');

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
