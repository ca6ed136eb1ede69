using System.Security.Cryptography;
using System.Text;
using Qfx.Daemon.Disposables;
using Qfx.Streams.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Demo;

/// <summary>The demo's second part: a document is opened in a disposable VM, changed there, and comes back.</summary>
/// <param name="root">The demo's folder.</param>
/// <param name="vmOf">A VM that runs on a domain.</param>
internal sealed class DisposableScene(string root, Func<SimulatedDomain, IReadOnlyDictionary<string, string>, SimulatedVm> vmOf) : IVmDatabase, IDisposable
{
    private const string Added = "and a line that the editor has added\n";

    private readonly CancellationTokenSource ended = new();
    private readonly HashSet<VmName> entries = [];
    private readonly TaskCompletionSource<(SimulatedDomain Domain, Task<int> Visit)> made = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What runs in a disposable VM: a small editor that adds a line.</summary>
    public void Start(SimulatedDomain domain, CancellationToken cancel)
    {
        var mark = Path.Combine(root, "this_is_dvm");
        File.WriteAllText(mark, "");
        var editor = Path.Combine(root, "editor");
        File.WriteAllText(editor, $"#!/bin/sh\nprintf '{Added.TrimEnd()}\\n' >> \"$1\"\n");
        File.SetUnixFileMode(editor, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var vm = vmOf(domain, new Dictionary<string, string> { ["QFX_DVM_MARK"] = mark, ["QFX_OPENER"] = editor, ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(root, "tmp")).FullName });
        made.TrySetResult((domain, VisitAsync(vm, cancel)));
    }

    /// <summary>What runs in it ends with it.</summary>
    public void End() => ended.Cancel();

    public void Dispose() => ended.Dispose();

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
        var (domain, visit) = await made.Task.WaitAsync(cancel).ConfigureAwait(false);
        exit = await coming.ConfigureAwait(false);
        await empty.WaitAsync(cancel).ConfigureAwait(false);
        await visit.ConfigureAwait(false);    // the VM was ended under it

        var after = await File.ReadAllBytesAsync(document, cancel).ConfigureAwait(false);
        byte[] expected = [.. before, .. Encoding.UTF8.GetBytes(Added)];
        var same = exit == 0 && after.AsSpan().SequenceEqual(expected);
        var gone = await store.TryReadAsync(XsPath.Home(domain.Domid), cancel).ConfigureAwait(false) is null && entries.Count == 0;
        var left = Directory.EnumerateFiles(spool, "*.img").Count();
        if (!gone) await Console.Error.WriteLineAsync($"demo: {domain.Name} is left in xenstore or in the list of VMs").ConfigureAwait(false);
        if (left > 0) await Console.Error.WriteLineAsync($"demo: {left} images are left in the spool").ConfigureAwait(false);
        Console.Out.WriteLine($"demo: open in disposable, {before.Length} bytes out, {after.Length} bytes back, {(same ? "identical" : "DIFFERENT")}");
        return same && gone && left == 0 ? 0 : 1;
    }

    public Task<VmLabel> LabelOfAsync(VmName vm, CancellationToken cancel) => Task.FromResult(VmLabel.Red);

    public Task AddDisposableAsync(VmName name, VmName savedFrom, VmLabel label, CancellationToken cancel)
    {
        lock (entries) entries.Add(name);
        return Task.CompletedTask;
    }

    public Task RemoveDisposableAsync(VmName name, CancellationToken cancel)
    {
        lock (entries) entries.Remove(name);
        return Task.CompletedTask;
    }

    private async Task<int> VisitAsync(SimulatedVm vm, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, ended.Token);
        try
        {
            return await vm.ReceiveAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }
}
