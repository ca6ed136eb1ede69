using CsCheck;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>Random programs of requests: mostly sensible ones on few nodes, so that they meet, and some that are none.</summary>
internal static class StorePrograms
{
    private static readonly Gen<string> Paths = Gen.Frequency(
        (12, Of("/t/a", "/t/a/b", "/t/a/b/c", "/t/d", "/t/g", "/t/g/x", "/t/g/x/y", "/t/r", "/t/r/s", "/t/w", "/t")),
        (3, Of("t", "t/x", "t/x/y", "/local/domain/1/t", "/local/domain/1/t/x", "/local/domain/0/t")),
        (1, Of("/", "", "/t/", "//t", "/t//a", "/t/a.b", "/t/a b", "/t/@-_Z9", "/t/ü", "/none/x", "/t/~1100", "/~2046", "/~2050")),
        (1, Of("/~2047", "/~2048", "~2048", "~2049", "/local/domain/1/~2048", "/local/domain/1/~2049", "/local/domain/00001/~2048", "/local/domain/123456/~2040", "/local/domain/-5/~2048",
            "/local/domain/-/~2040", "/local/domain/x/~2040", "/local/domain/~2033", "/local/domain/~2035", "/local/domain//~2040")));

    private static readonly Gen<string> CommonPaths = Of("/t/a", "/t/a/b", "/t/a/b/c", "/t/d", "/t/g", "/t/g/x", "/t/g/x/y", "/t/r", "/t/r/s", "/t/w", "/t/@-_Z9", "/none/x");

    // None that a removal above can reach while it is missing: the OCaml server tells of that, the C server does not.
    private static readonly Gen<string> CommonWatched = Of("/t", "/none");

    private static readonly Gen<string> Values = Of("", "1", "two", "\0\x01\xff|x", "~1990", "~2003", "~2007", "~2008", "~2014", "~2015", "~2016", "~2047", "~2048", "~4000");

    private static readonly Gen<string> Permissions = Gen.Frequency(
        (8, Of("n0|", "r0|", "b0|", "w0|", "n1|", "r1|", "b1|", "n0|b1|", "n0|r1|", "r0|n1|", "b1|r0|", "n1|w2|", "n0|w1|r1|", "n1|r0|r2|")),
        (1, Of("", "|", "x0|", "n|", "n0", "n0|b1", "N0|", "n0|x1|", "n0 |", "nx|", "n0||")));

    private static readonly Gen<int> Transactions = Gen.Frequency((5, Gen.Const(0)), (4, Gen.Int[1, 2]), (1, Of(3, 9)));

    private static readonly Gen<string> Tokens = Of("1", "2", "a token", "");

    private static readonly Gen<(XsType Type, string Payload)> Requests = Gen.Frequency<(XsType, string)>(
        (6, Paths.Select(path => (XsType.Read, $"{path}|"))),
        (3, Paths.Select(path => (XsType.Directory, $"{path}|"))),
        (1, Gen.Select(Paths, Of("0", "3", "100000", "x", "-1", ""), (path, offset) => (XsType.DirectoryPart, $"{path}|{offset}|"))),
        (12, Gen.Select(Paths, Values, (path, value) => (XsType.Write, $"{path}|{value}"))),
        (4, Paths.Select(path => (XsType.Mkdir, $"{path}|"))),
        (6, Paths.Select(path => (XsType.Rm, $"{path}|"))),
        (3, Paths.Select(path => (XsType.GetPerms, $"{path}|"))),
        (6, Gen.Select(Paths, Permissions, (path, permissions) => (XsType.SetPerms, $"{path}|{permissions}"))),
        (1, Gen.Select(Of("@introduceDomain", "@releaseDomain", "@other"), Tokens, Of(XsType.Watch, XsType.Unwatch), (path, token, type) => (type, $"{path}|{token}|"))),
        (6, Gen.Select(Paths, Tokens, (path, token) => (XsType.Watch, $"{path}|{token}|"))),
        (2, Gen.Select(Paths, Tokens, (path, token) => (XsType.Unwatch, $"{path}|{token}|"))),
        (6, Gen.Const((XsType.TransactionStart, "|"))),
        (8, Of("T|", "T|", "T|", "F|", "F|", "X|", "|", "").Select(verdict => (XsType.TransactionEnd, verdict))),
        (1, Of("0|", "1|", "77|", "x|", "|", "1", "-1|").Select(domid => (XsType.GetDomainPath, domid))),
        (1, Of("0|", "1|", "77|").Select(domid => (XsType.IsDomainIntroduced, domid))),
        (1, Gen.Const((XsType.ResetWatches, "|"))),
        (1, Of((XsType.Introduce, "1|1|"), (XsType.Introduce, "|"), (XsType.Introduce, "5|1|0|"), (XsType.Release, "0|"), (XsType.Release, "77|"), (XsType.Release, ""),
            ((XsType)20, "|"), ((XsType)23, "/t|"), ((XsType)99, ""), (XsType.Error, "ENOENT|"), (XsType.WatchEvent, "/t|1|"))),
        (1, Of((XsType.Write, "/t"), (XsType.Write, ""), (XsType.DirectoryPart, "/t|"), (XsType.SetPerms, "/t"), (XsType.SetPerms, "/t|"), (XsType.TransactionStart, ""))));

    public static readonly Gen<StoreStep[]> Programs = Gen.Select(Gen.Frequency((3, Gen.Const(0)), (2, Gen.Const(1)), (3, Gen.Const(2))), Transactions, Requests,
        (client, transaction, request) => new StoreStep(client, request.Type, transaction, request.Payload)).Array[1, 24];

    /// <summary>Those that the OCaml server is known to treat as the C server does; docs/wire.md has what it does otherwise.</summary>
    public static readonly Gen<StoreStep[]> Common = Gen.Select(Gen.Int[0, 1], Gen.Frequency<(XsType Type, string Payload)>(
            (6, CommonPaths.Select(path => (XsType.Read, $"{path}|"))),
            (3, CommonPaths.Select(path => (XsType.Directory, $"{path}|"))),
            (12, Gen.Select(CommonPaths, Of("", "1", "two", "\0\x01\xff|x", "~1990"), (path, value) => (XsType.Write, $"{path}|{value}"))),
            (4, CommonPaths.Select(path => (XsType.Mkdir, $"{path}|"))),
            (6, CommonPaths.Select(path => (XsType.Rm, $"{path}|"))),
            (3, CommonPaths.Select(path => (XsType.GetPerms, $"{path}|"))),
            (6, Gen.Select(CommonPaths, Of("n0|", "r0|", "b0|", "n1|", "n0|b1|", "n0|r1|", "r0|n1|"), (path, permissions) => (XsType.SetPerms, $"{path}|{permissions}"))),
            (6, Gen.Select(CommonWatched, Tokens, (path, token) => (XsType.Watch, $"{path}|{token}|"))),
            (2, Gen.Select(CommonWatched, Tokens, (path, token) => (XsType.Unwatch, $"{path}|{token}|"))),
            (1, Of("0|", "1|", "77|").Select(domid => (XsType.GetDomainPath, domid))),
            (1, Of("0|", "1|", "77|").Select(domid => (XsType.IsDomainIntroduced, domid)))),
        (client, request) => new StoreStep(client, request.Type, 0, request.Payload)).Array[1, 24];

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
