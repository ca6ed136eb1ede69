using Qfx.Daemon.Processes;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.Block;

/// <summary>A toolstack that attaches files and detaches them again.</summary>
internal interface IToolstack
{
    /// <summary>Has it attach a file; it is done when the backend waits for the domain.</summary>
    /// <exception cref="BlockDeviceException">It did not; unless the fault says that nothing was done, something may be left.</exception>
    Task AttachAsync(Domid domid, Vdev vdev, string file, CancellationToken cancel);

    /// <summary>Has it detach a disk; it is done when the backend is Closed.</summary>
    /// <returns>False if there was no such disk, or no such domain.</returns>
    /// <exception cref="BlockDeviceException">It did not: the domain may still have it.</exception>
    Task<bool> DetachAsync(Domid domid, Vdev vdev, CancellationToken cancel);
}

/// <summary>xl's block-attach and block-detach. xl(1), "VIRTUAL DEVICE COMMANDS"; never <c>--force</c>, which may crash the domain.</summary>
/// <param name="xl">By absolute path.</param>
/// <param name="script">The block script that xl is to use; null for Xen's own.</param>
internal sealed class XlCommand(string xl, string? script = null) : IToolstack
{
    private const int MaxSaid = 300;

    private static readonly Dictionary<string, string> CleanEnvironment = new()
    {
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["LC_ALL"] = "C.UTF-8",
        ["HOME"] = "/root",
    };

    /// <inheritdoc/>
    public async Task AttachAsync(Domid domid, Vdev vdev, string file, CancellationToken cancel)
    {
        var result = await RunAsync(["block-attach", domid.ToString(), $"format=raw,vdev={vdev.Name},access=rw,{(script is null ? "" : $"script={script},")}target={file}"], cancel).ConfigureAwait(false);
        if (result.Exit == 0) return;
        var fault = FaultOf(result.Error);
        throw new BlockDeviceException(fault, Said("block-attach", result), exposed: fault == BlockDeviceFault.Failed);
    }

    /// <inheritdoc/>
    public async Task<bool> DetachAsync(Domid domid, Vdev vdev, CancellationToken cancel)
    {
        var result = await RunAsync(["block-detach", domid.ToString(), vdev.Name], cancel).ConfigureAwait(false);
        if (result.Exit == 0) return true;
        if (result.Error.Contains("not connected", StringComparison.Ordinal) || FaultOf(result.Error) == BlockDeviceFault.NoDomain) return false;
        throw new BlockDeviceException(BlockDeviceFault.Failed, Said("block-detach", result), exposed: true);
    }

    /// <summary>What xl 4.14 … 4.20 prints.</summary>
    private static BlockDeviceFault FaultOf(string errors) =>
        errors.Contains("already exists in xenstore", StringComparison.Ordinal) ? BlockDeviceFault.SlotInUse
        : errors.Contains("is an invalid domain identifier", StringComparison.Ordinal) ? BlockDeviceFault.NoDomain
        : BlockDeviceFault.Failed;

    private static string Said(string command, ProcessResult result)
    {
        var said = result.Error.Trim().ReplaceLineEndings("; ");
        return $"xl {command} ended with {result.Exit}: {(said.Length > MaxSaid ? said[^MaxSaid..] : said)}";
    }

    private async Task<ProcessResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        try
        {
            return await ProcessRunner.RunAsync(new(xl, arguments) { Environment = CleanEnvironment }, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new BlockDeviceException(BlockDeviceFault.Failed, e.Message, inner: e);
        }
    }
}
