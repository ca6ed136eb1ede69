using System.Globalization;

namespace Qfx.Daemon.PlainXen;

/// <summary>The restore command for a host without Qubes, with the contract of <c>/usr/lib/qubes/qubes_restore</c>.</summary>
internal sealed class RestoreGuest(Xl xl, SavefileFolder folder)
{
    /// <summary>What Xen takes for a guest beyond its own memory, in MiB: page tables, and the toolstack's reserve.</summary>
    private const int Besides = 16;

    private static readonly TimeSpan DestroyLimit = TimeSpan.FromSeconds(30);

    /// <summary>Restores a guest under a new name, <c>disp</c> and a number, and writes three lines to dispVM_xid: its domid, its name, and the name of the guest that was saved.</summary>
    /// <param name="savefile">Made by <see cref="PrepareSavefile"/>; a link to it will do.</param>
    /// <param name="paused">It does not run yet.</param>
    /// <param name="cancel">Ends it; no domain is left.</param>
    /// <exception cref="NotEnoughMemoryException">The host has too little; no domain is left.</exception>
    /// <exception cref="IOException">It did not work; no domain is left.</exception>
    public async Task RunAsync(string savefile, bool paused, CancellationToken cancel)
    {
        var real = (new FileInfo(savefile).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(savefile)).FullName;
        var text = await File.ReadAllTextAsync(Path.ChangeExtension(real, ".cfg"), cancel).ConfigureAwait(false);
        var savedFrom = GuestConfig.NameOf(text) ?? throw new IOException($"{Path.ChangeExtension(real, ".cfg")} has no name");
        folder.Create();
        File.Delete(folder.Report);    // an old one is not to be taken for ours

        using var counter = new FileStream(folder.Counter, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        await EndUnfinishedAsync(cancel).ConfigureAwait(false);
        var name = await NextAsync(counter, cancel).ConfigureAwait(false);
        var config = folder.ConfigFor(name);
        try
        {
            await File.WriteAllTextAsync(config, GuestConfig.For(text, name), cancel).ConfigureAwait(false);
            await RestoreAsync(config, real, text, paused, cancel).ConfigureAwait(false);
            var domid = await xl.DomidAsync(name, cancel).ConfigureAwait(false) ?? throw new IOException($"xl says that {name} was restored, but it does not run");
            await ReportAsync($"{domid}\n{name}\n{savedFrom}\n", cancel).ConfigureAwait(false);
        }
        catch
        {
            await DestroyAsync(name).ConfigureAwait(false);
            throw;
        }
        finally
        {
            File.Delete(config);
        }
    }

    /// <summary>A restore that was killed has left its configuration, and maybe a domain, which nobody was told of. No other one is under way: the counter is ours.</summary>
    private async Task EndUnfinishedAsync(CancellationToken cancel)
    {
        foreach (var name in folder.Unfinished())
        {
            await xl.DestroyAsync(name, cancel).ConfigureAwait(false);
            if (await xl.DomidAsync(name, cancel).ConfigureAwait(false) is null) File.Delete(folder.ConfigFor(name));
        }
    }

    /// <summary>Xen says in no word that can be relied on why it could not; what was free before does.</summary>
    private async Task RestoreAsync(string config, string savefile, string text, bool paused, CancellationToken cancel)
    {
        var free = await xl.FreeMemoryAsync(cancel).ConfigureAwait(false);
        try
        {
            await xl.RestoreAsync(config, savefile, paused, cancel).ConfigureAwait(false);
        }
        catch (IOException e) when (GuestConfig.MemoryOf(text) is { } needed && free < needed + Besides)
        {
            throw new NotEnoughMemoryException(string.Create(CultureInfo.InvariantCulture, $"the guest has {needed} MiB, and {free} were free"), e);
        }
    }

    /// <summary>The next number that no domain has; this host never gives one out twice until it is started again.</summary>
    private async Task<string> NextAsync(FileStream counter, CancellationToken cancel)
    {
        using var reader = new StreamReader(counter, leaveOpen: true);
        _ = int.TryParse((await reader.ReadToEndAsync(cancel).ConfigureAwait(false)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        string name;
        do
        {
            number = number is > 0 and < int.MaxValue ? number + 1 : 1;
            name = string.Create(CultureInfo.InvariantCulture, $"disp{number}");
        }
        while (await xl.DomidAsync(name, cancel).ConfigureAwait(false) is not null);
        counter.SetLength(0);
        await counter.WriteAsync(System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)), cancel).ConfigureAwait(false);
        await counter.FlushAsync(cancel).ConfigureAwait(false);
        return name;
    }

    /// <summary>Whole or not at all.</summary>
    private async Task ReportAsync(string lines, CancellationToken cancel)
    {
        await File.WriteAllTextAsync(folder.Report + ".new", lines, cancel).ConfigureAwait(false);
        File.Move(folder.Report + ".new", folder.Report, overwrite: true);
    }

    /// <summary>Also when we are told to end: what xl had begun stays otherwise.</summary>
    private async Task DestroyAsync(string name)
    {
        using var limit = new CancellationTokenSource(DestroyLimit);
        try
        {
            await xl.DestroyAsync(name, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The first error is the one to report.
        }
    }
}
