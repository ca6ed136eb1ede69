using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;

namespace Qfx.Daemon.Demo;

/// <summary>What runs in simulated disposable VMs: the guest's programs, and a small editor that adds a line.</summary>
/// <param name="root">For the editor.</param>
/// <param name="vmOf">A VM that runs on a domain, whose programs are told some things besides.</param>
/// <param name="cancel">Ends all of them.</param>
internal sealed class DisposableGuests(
    string root, Func<SimulatedDomain, IReadOnlyDictionary<string, string>, SimulatedVm> vmOf, CancellationToken cancel) : IDisposable
{
    /// <summary>What the editor adds.</summary>
    public const string Added = "and a line that the editor has added\n";

    private readonly Dictionary<Domid, CancellationTokenSource> running = [];
    private readonly TaskCompletionSource<(SimulatedDomain Domain, Task<int> Visit)> first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first one, and the exit code of what ran in it.</summary>
    public Task<(SimulatedDomain Domain, Task<int> Visit)> First => first.Task;

    /// <summary>A VM runs: it waits for its document.</summary>
    public void Start(SimulatedDomain domain)
    {
        var mark = Path.Combine(root, "this_is_dvm");
        File.WriteAllText(mark, "");
        var editor = Path.Combine(root, "editor");
        File.WriteAllText(editor, $"#!/bin/sh\nprintf '{Added.TrimEnd()}\\n' >> \"$1\"\n");
        File.SetUnixFileMode(editor, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        lock (running) running.Add(domain.Domid, end);
        var vm = vmOf(domain, new Dictionary<string, string>
        {
            ["QFX_DVM_MARK"] = mark,
            ["QFX_OPENER"] = editor,
            ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(root, "tmp")).FullName,
        });
        first.TrySetResult((domain, VisitAsync(vm, end.Token)));
    }

    /// <summary>What runs in it ends with it.</summary>
    public void End(SimulatedDomain domain)
    {
        lock (running)
        {
            if (!running.Remove(domain.Domid, out var end)) return;
            end.Cancel();
            end.Dispose();
        }
    }

    public void Dispose()
    {
        lock (running)
        {
            foreach (var end in running.Values) end.Dispose();
            running.Clear();
        }
    }

    private static async Task<int> VisitAsync(SimulatedVm vm, CancellationToken end)
    {
        try
        {
            return await vm.ReceiveAsync(end).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }
}
