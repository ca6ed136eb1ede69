using Qfx.Guest.Pendrive;

namespace Qfx.Tests.Guest;

public sealed class MountTableTests
{
    /// <summary>Lines as proc(5) describes mountinfo.</summary>
    private const string Table = """
        22 1 202:1 / / rw,relatime shared:1 - ext4 /dev/xvda1 rw
        40 22 202:112 / /mnt/incoming ro,nosuid,nodev,noexec,relatime shared:9 - vfat /dev/xvdh ro
        41 22 202:128 / /mnt/with\040blank rw - vfat /dev/xvdi rw
        """;

    [Theory]
    [InlineData("/mnt/incoming", true)]
    [InlineData("/mnt/incomin", false)]
    [InlineData("/mnt", false)]
    [InlineData("/mnt/with blank", true)]
    [InlineData("/dev/xvdh", false)]
    public void A_place_is_mounted_when_a_line_names_it_as_its_mount_point(string where, bool mounted) =>
        Assert.Equal(mounted, MountTable.IsMounted(Table, where));

    [Fact]
    public async Task What_is_not_mounted_is_not_waited_for() =>
        await MountTable.UnmountedAsync("/nowhere/at all", TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_wait_is_broken_off_by_its_token()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = MountTable.UnmountedAsync("/", cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
