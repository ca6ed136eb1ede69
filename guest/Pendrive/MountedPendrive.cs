using Qfx.Guest.Host;

namespace Qfx.Guest.Pendrive;

/// <summary>Mounts a pendrive, as a VM does.</summary>
/// <param name="outgoing">Where the one that is to be sent is mounted.</param>
/// <param name="incoming">Where the one that has come is mounted.</param>
internal sealed class MountedPendrive(string outgoing, string incoming) : IPendrive
{
    private const string Options = "nosuid,nodev,noexec,utf8";

    public async Task PutAsync(string device, IReadOnlyList<string> files, CancellationToken cancel)
    {
        await MountAsync(device, outgoing, Options, cancel).ConfigureAwait(false);
        try
        {
            var (exit, output) = await Tool.RunAsync("cp", ["-r", "-L", "--preserve=timestamps", "-t", outgoing, "--", .. files], cancel).ConfigureAwait(false);
            if (exit != 0) throw new GuestException(ExitCode.Failed, $"The files could not be copied onto the pendrive: {Printable.Of(output)}");
        }
        catch
        {
            await TryUnmountAsync(outgoing).ConfigureAwait(false);
            throw;
        }

        // Unmounting writes everything out; a busy or broken device says so here, before anything is sent.
        var (unmounted, why) = await Tool.RunAsync("umount", ["--", outgoing], cancel).ConfigureAwait(false);
        if (unmounted != 0) throw new GuestException(ExitCode.Failed, $"{outgoing} could not be unmounted: {Printable.Of(why)}");
    }

    public async Task<(string Where, bool? Whole)> TakeAsync(string device, string sender, CancellationToken cancel)
    {
        await MountAsync(device, incoming, Options + ",ro", cancel).ConfigureAwait(false);
        try
        {
            await MountTable.UnmountedAsync(incoming, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await TryUnmountAsync(incoming).ConfigureAwait(false);
            throw;
        }

        return (incoming, null);
    }

    private static async Task MountAsync(string device, string where, string options, CancellationToken cancel)
    {
        Directory.CreateDirectory(where);
        var (exit, output) = await Tool.RunAsync("mount", ["-t", "vfat", "-o", options, "--", device, where], cancel).ConfigureAwait(false);
        if (exit != 0) throw new GuestException(ExitCode.Failed, $"{device} could not be mounted: {Printable.Of(output)}");
    }

    /// <summary>On the way out of a failure that is reported already.</summary>
    private static Task<(int Exit, string Output)> TryUnmountAsync(string where) => Tool.RunAsync("umount", ["-l", "--", where], CancellationToken.None);
}
