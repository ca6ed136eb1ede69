using System.Security.Cryptography;
using System.Text;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Demo;

/// <summary>The demo's second part: a document is opened in a disposable VM, changed there, and comes back.</summary>
/// <param name="root">The demo's folder.</param>
/// <param name="guests">The disposable VMs.</param>
/// <param name="database">The list of VMs.</param>
/// <param name="output">Where the result is told.</param>
internal sealed class DisposableScene(string root, DisposableGuests guests, DemoDatabase database, TextWriter output)
{
    /// <summary>Opens a document of <paramref name="work"/> and waits until it is back.</summary>
    /// <param name="work">Who opens it.</param>
    /// <param name="store">To see that nothing is left.</param>
    /// <param name="empty">Nothing is left of a disposable VM in the rules.</param>
    /// <param name="spool">Where images are.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The exit code of the demo.</returns>
    public async Task<int> PlayAsync(SimulatedVm work, IXenstore store, Task empty, string spool, CancellationToken cancel)
    {
        var document = Path.Combine(root, "documents", "letter to Ελένη.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(document)!);
        var before = Encoding.UTF8.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(3000)) + "\n");
        await File.WriteAllBytesAsync(document, before, cancel).ConfigureAwait(false);

        var coming = work.ReceiveAsync(cancel);
        var exit = await work.RunAsync("qvm-open-in-dvm", [document], cancel).ConfigureAwait(false);
        if (exit != 0) return exit;
        var (domain, visit) = await guests.First.WaitAsync(cancel).ConfigureAwait(false);
        exit = await coming.ConfigureAwait(false);
        await empty.WaitAsync(cancel).ConfigureAwait(false);
        await visit.ConfigureAwait(false);    // the VM was ended under it

        var after = await File.ReadAllBytesAsync(document, cancel).ConfigureAwait(false);
        byte[] expected = [.. before, .. Encoding.UTF8.GetBytes(DisposableGuests.Added)];
        var same = exit == 0 && after.AsSpan().SequenceEqual(expected);
        var gone = await store.TryReadAsync(XsPath.Home(domain.Domid), cancel).ConfigureAwait(false) is null && database.Disposables == 0;
        var left = Directory.EnumerateFiles(spool, "*.img").Count();
        if (!gone) await Console.Error.WriteLineAsync($"demo: {domain.Name} is left in xenstore or in the list of VMs").ConfigureAwait(false);
        if (left > 0) await Console.Error.WriteLineAsync($"demo: {left} images are left in the spool").ConfigureAwait(false);
        output.WriteLine($"demo: open in disposable, {before.Length} bytes out, {after.Length} bytes back, {(same ? "identical" : "DIFFERENT")}");
        return same && gone && left == 0 ? 0 : 1;
    }
}
