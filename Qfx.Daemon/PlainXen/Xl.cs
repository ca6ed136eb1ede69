using System.Globalization;
using Qfx.Daemon.Processes;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.PlainXen;

/// <summary>Xen's own toolstack, xl(1), as far as disposable VMs need it.</summary>
/// <param name="program">Its name or path.</param>
internal sealed class Xl(string program)
{
    /// <summary>The number of a domain that runs; null if none has the name.</summary>
    public async Task<Domid?> DomidAsync(string name, CancellationToken cancel)
    {
        var result = await ProcessRunner.RunAsync(new(program, "domid", name), cancel).ConfigureAwait(false);
        return result.Exit == 0 && Domid.TryParse(result.Output.Trim(), out var domid) ? domid : null;
    }

    /// <summary>What no domain has, in MiB; null where it cannot be told.</summary>
    public async Task<int?> FreeMemoryAsync(CancellationToken cancel)
    {
        var result = await ProcessRunner.RunAsync(new(program, "info", "free_memory"), cancel).ConfigureAwait(false);
        return result.Exit == 0 && int.TryParse(result.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var mib) ? mib : null;
    }

    /// <summary>Saves a domain, and ends it.</summary>
    public Task SaveAsync(string name, string file, CancellationToken cancel) => RunAsync(["save", name, file], cancel);

    /// <summary>Restores a domain.</summary>
    public Task RestoreAsync(string config, string savefile, bool paused, CancellationToken cancel) =>
        RunAsync(paused ? ["restore", "-p", config, savefile] : ["restore", config, savefile], cancel);

    /// <summary>Ends a domain at once; one that is not there is no error.</summary>
    public Task DestroyAsync(string name, CancellationToken cancel) => ProcessRunner.RunAsync(new(program, "destroy", name), cancel);

    private async Task RunAsync(string[] arguments, CancellationToken cancel)
    {
        var result = await ProcessRunner.RunAsync(new(program, arguments), cancel).ConfigureAwait(false);
        if (result.Exit != 0)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"xl {arguments[0]} ended with exit code {result.Exit}: {(result.Error + result.Output).Trim()}"));
    }
}
