using Qfx.Streams.Domains;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Domains;

/// <summary>Which event is a reason to look at what.</summary>
public class LookReasonTests
{
    private static readonly LookReason Nothing = new(false, false, []);
    private static readonly LookReason ListOnly = new(true, false, []);
    private static readonly LookReason EveryoneOnly = new(false, true, []);

    public static TheoryData<string, LookReason?> OfVmPaths { get; } = new()
    {
        { "/", LookReason.Anything },
        { "/vm", LookReason.Anything },
        { "/vm/u-1", LookReason.Named("u-1") },
        { "/vm/u-1/name", LookReason.Named("u-1") },
        { "/vm/u-1/image", null },
        { "/vm/u-1/image/ostype", null },
        { "/vm/u-1/name/x", null },
        { "/other", null },
        { "/other/u-1/name", null },
        { "/local/domain", null },
    };

    [Fact]
    public void A_domain_that_comes_or_goes_is_a_reason_to_list_and_no_more_and_after_a_loss_names_may_have_changed_as_well()
    {
        Same(ListOnly, LookReason.OfLifecycle(new(XsPath.IntroduceDomain)));
        Same(ListOnly, LookReason.OfLifecycle(new(XsPath.ReleaseDomain, WatchKind.Registered)));
        Same(new(true, true, []), LookReason.OfLifecycle(new(XsPath.ReleaseDomain, WatchKind.Resync)));
        Same(new(true, true, []), LookReason.Anything);
    }

    [Fact]
    public void A_name_is_a_reason_to_look_at_that_VM_alone() => Same(new(false, false, ["u-1"]), LookReason.Named("u-1"));

    [Theory, MemberData(nameof(OfVmPaths))]
    public void What_an_event_at_or_below_vm_is_a_reason_for(string path, LookReason? expected)
    {
        var reason = LookReason.OfVm(new(path));

        if (expected is null) Assert.Null(reason);
        else Same(expected, Assert.IsType<LookReason>(reason));
    }

    [Fact]
    public void Two_reasons_are_one_that_has_all_of_both()
    {
        Same(Nothing, Nothing.And(Nothing));
        Same(ListOnly, Nothing.And(ListOnly));
        Same(ListOnly, ListOnly.And(Nothing));
        Same(EveryoneOnly, Nothing.And(EveryoneOnly));
        Same(EveryoneOnly, EveryoneOnly.And(Nothing));
        Same(new(true, true, ["a", "b"]), ListOnly.And(LookReason.Named("a")).And(EveryoneOnly).And(LookReason.Named("b")));
    }

    [Fact]
    public void Who_is_read_again_is_everyone_or_who_bears_the_uuid_or_who_has_no_name_yet()
    {
        var named = new Domain(new(new Domid(1), "u-1"), VmName.Parse("work"), RanBefore: false);
        var nameless = named with { Name = null };

        Assert.False(Nothing.Concerns(named));
        Assert.False(Nothing.Concerns(nameless));
        Assert.False(ListOnly.Concerns(named));
        Assert.True(ListOnly.Concerns(nameless));
        Assert.True(EveryoneOnly.Concerns(named));
        Assert.True(LookReason.Named("u-1").Concerns(named));
        Assert.False(LookReason.Named("u-2").Concerns(named));
        Assert.True(LookReason.Named("u-2").Concerns(nameless));    // its uuid may not be known yet
    }

    private static void Same(LookReason expected, LookReason actual)
    {
        Assert.Equal((expected.List, expected.Everyone), (actual.List, actual.Everyone));
        Assert.Equal(expected.Uuids.Order(), actual.Uuids.Order());
    }
}
