using CsCheck;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>
/// The embedded store against the real C xenstored: the same random requests, the same answers, errors, events and nodes.
/// What is known to differ is in docs/wire.md. <c>QFX_PROGRAMS</c> says how many programs are run, 2,000 if it is not set.
/// </summary>
public sealed class DifferentialTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static long Count => long.TryParse(Environment.GetEnvironmentVariable("QFX_PROGRAMS"), out var count) ? count : 2000;

    [Fact]
    public Task Random_programs_do_the_same_on_the_embedded_store_and_on_the_C_server() =>
        CompareAsync(XenstoredKind.C, StorePrograms.Programs, Count);

    [Fact]
    public Task What_both_servers_understand_alike_does_the_same_on_the_OCaml_server() =>
        CompareAsync(XenstoredKind.OCaml, StorePrograms.Common, Count / 4);

    [Fact]
    public Task Domains_that_come_and_go_do_the_same_on_the_embedded_store_and_on_the_C_server() =>
        CompareAsync(XenstoredKind.C, DomainPrograms.Programs, Count / 4, StoreScene.Domains);

    [Fact]
    public Task What_is_asked_of_the_server_itself_is_answered_alike() =>
        CompareAsync(XenstoredKind.C, DomainPrograms.Control, Count / 20);

    /// <summary>Programs that the two once disagreed about.</summary>
    [Fact]
    public Task What_once_differed_does_not_any_more() => CompareAsync(XenstoredKind.C, Gen.Int[0, Found.Length - 1].Select(i => Found[i]), Found.Length * 8);

    private static readonly StoreStep[][] Found =
    [
        [    // a child made in a transaction that still has the old list, after others have removed it
            new(0, XsType.TransactionStart, 0, "|"), new(0, XsType.Write, 1, "/t|two"), new(0, XsType.Rm, 0, "/t/g|"), new(0, XsType.Write, 1, "/t/g/x|1"),
            new(0, XsType.Directory, 1, "/t|"), new(0, XsType.Rm, 1, "/t/g|"), new(0, XsType.Directory, 1, "/t|"), new(0, XsType.TransactionEnd, 1, "T|"),
        ],
        [    // a child removed in a transaction from a list that does not have it any more
            new(0, XsType.TransactionStart, 0, "|"), new(0, XsType.Read, 1, "/t/g|"), new(0, XsType.Rm, 0, "/t/g|"), new(0, XsType.Rm, 1, "/t/g|"),
            new(0, XsType.Directory, 1, "/t|"), new(0, XsType.TransactionEnd, 1, "T|"),
        ],
        [    // and by another way
            new(0, XsType.TransactionStart, 0, "|"), new(0, XsType.Read, 1, "/t/g|"), new(0, XsType.Rm, 0, "/t/g|"), new(0, XsType.Write, 1, "/t/g|1"),
            new(0, XsType.Directory, 1, "/t|"), new(0, XsType.Mkdir, 1, "/t/g/x|"), new(0, XsType.TransactionEnd, 1, "T|"),
        ],
    ];

    private static async Task CompareAsync(XenstoredKind kind, Gen<StoreStep[]> programs, long count, StoreScene? scene = null)
    {
        await using var real = await RealXenstored.StartAsync(Cancel, kind);
        await using var realDom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(real.SocketPath), Cancel);
        await real.Lifecycle(realDom0).Introduce(new(1), Cancel);
        using var folder = new TempFolder();
        await using var embedded = EmbeddedXenstore.Start(folder["store"]);
        embedded.Introduce(new(1));
        using var one = new StoreUnderTest(real.SocketOf, ordered: kind == XenstoredKind.C, scene);
        using var other = new StoreUnderTest(embedded.SocketOf, ordered: kind == XenstoredKind.C, scene);

        programs.Sample(
            program => Assert.Equal(one.Run(program), other.Run(program)),
            iter: count, threads: 1, print: program => "\n  " + string.Join("\n  ", program.AsEnumerable()));
    }
}
