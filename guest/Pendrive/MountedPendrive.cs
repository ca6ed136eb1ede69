using Qfx.Guest.Copying;
using Qfx.Guest.Host;
using Qfx.Guest.Progress;

namespace Qfx.Guest.Pendrive;

/// <summary>Mounts a pendrive, as a VM does. Both places have a line in /etc/fstab (docs/decisions/), so an ordinary user may, too.</summary>
/// <param name="outgoing">Where the one that is to be sent is mounted.</param>
/// <param name="incoming">Where the one that has come is mounted.</param>
/// <param name="writable">Whether the person may change what has come.</param>
internal sealed class MountedPendrive(string outgoing, string incoming, bool writable) : IPendrive
{
    private const string Options = "nosuid,nodev,noexec,utf8";

    public async Task PutAsync(string device, Plan plan, Meter meter, CancellationToken cancel)
    {
        await MountAsync(device, outgoing, Options, cancel).ConfigureAwait(false);
        try
        {
            Fits(plan, new DriveInfo(outgoing).AvailableFreeSpace);
            await Task.Run(() => TreeCopy.Run(plan, outgoing, meter, cancel), CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await TryUnmountAsync(outgoing).ConfigureAwait(false);
            throw;
        }

        // Unmounting writes everything out; a busy or broken device says so here, before anything is sent.
        var unmounted = await Tool.RunAsync("umount", ["--", outgoing], cancel).ConfigureAwait(false);
        if (unmounted.Exit != 0) throw new GuestException(ExitCode.Failed, $"{outgoing} could not be unmounted: {Printable.Of(unmounted.Said)}");
        Flush(device);
    }

    public async Task<(string Where, bool? Whole)> TakeAsync(string device, string sender, GuestUser? owner, Func<string, Task> shown, CancellationToken cancel)
    {
        var whose = owner is null ? "" : $",uid={owner.Id},gid={owner.Group}";

        await MountAsync(device, incoming, $"{Options},{(writable ? "rw" : "ro")}{whose}", cancel, $",x-gvfs-show,x-gvfs-name=From%20{sender}").ConfigureAwait(false);
        try
        {
            await shown(incoming).ConfigureAwait(false);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var unmounted = MountTable.UnmountedAsync(incoming, either.Token);
            var pulled = Device.GoneAsync(device, either.Token);
            var first = await Task.WhenAny(unmounted, pulled).ConfigureAwait(false);
            await either.CancelAsync().ConfigureAwait(false);
            await first.ConfigureAwait(false);
            if (first == pulled)
            {
                await TryUnmountAsync(incoming).ConfigureAwait(false);
                throw new GuestException(ExitCode.Failed, $"The pendrive from {sender} was taken away before it was unmounted.");
            }
        }
        catch (OperationCanceledException)
        {
            await TryUnmountAsync(incoming).ConfigureAwait(false);
            throw;
        }

        return (incoming, null);
    }

    private static void Fits(Plan plan, long free)
    {
        if (plan.Bytes > free)
            throw new GuestException(ExitCode.Failed, $"The pendrive has room for {Sizes.Of(free)}, and {Sizes.Of(plan.Bytes)} are to be sent: send them in parts.");
    }

    /// <summary>With its own line in fstab a place is mounted as that says, and an ordinary user may; root may do without.</summary>
    /// <param name="device">What.</param>
    /// <param name="where">Where.</param>
    /// <param name="options">Those of the kernel.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="shown">Those of file managers, which util-linux's mount keeps to itself; busybox's hands them to the kernel, which refuses them.</param>
    private static async Task MountAsync(string device, string where, string options, CancellationToken cancel, string shown = "")
    {
        var mounted = await MountOnceAsync(device, where, options + shown, cancel).ConfigureAwait(false);
        if (mounted.Exit != 0 && shown.Length > 0) mounted = await MountOnceAsync(device, where, options, cancel).ConfigureAwait(false);
        if (mounted.Exit != 0) throw new GuestException(ExitCode.Failed, $"{device} could not be mounted: {Printable.Of(mounted.Said)}");
    }

    private static Task<ToolResult> MountOnceAsync(string device, string where, string options, CancellationToken cancel)
    {
        if (Libc.EffectiveUser() != 0) return Tool.RunAsync("mount", ["--", where], cancel);
        Directory.CreateDirectory(where);
        return Tool.RunAsync("mount", ["-t", "vfat", "-o", options, "--", device, where], cancel);
    }

    /// <summary>Has the device itself write out what it holds; whoever may not open it relies on the unmount.</summary>
    private static void Flush(string device)
    {
        using var file = Libc.Open(device, Libc.ReadOnly | Libc.CloseOnExec);
        if (!file.IsInvalid && Libc.Sync(file) != 0) throw new GuestException(ExitCode.Failed, $"{device} could not be written: {Libc.LastError}");
    }

    /// <summary>On the way out of a failure that is reported already.</summary>
    private static Task<ToolResult> TryUnmountAsync(string where) => Tool.RunAsync("umount", ["-l", "--", where], CancellationToken.None);
}
