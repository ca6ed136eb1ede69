using System.Collections.Concurrent;
using Qfx.Daemon.Disposables;
using Qfx.Streams.Domains;

namespace Qfx.Tests.Support;

/// <summary>A list of VMs that is forgotten with the test.</summary>
internal sealed class MemoryDatabase : IVmDatabase
{
    private readonly ConcurrentDictionary<VmName, (VmName SavedFrom, VmLabel Label)> entries = new();

    public IReadOnlyDictionary<VmName, (VmName SavedFrom, VmLabel Label)> Entries => entries;

    /// <summary>How many were ever added.</summary>
    public int Added { get; private set; }

    public Task<VmLabel> LabelOfAsync(VmName vm, CancellationToken cancel) => Task.FromResult(new VmLabel(4, "0x5fa05e", "green"));

    public Task AddDisposableAsync(VmName name, VmName savedFrom, VmLabel label, CancellationToken cancel)
    {
        if (!entries.TryAdd(name, (savedFrom, label))) throw new VmDatabaseException($"{name} is there already");
        Added++;
        return Task.CompletedTask;
    }

    public Task RemoveDisposableAsync(VmName name, CancellationToken cancel)
    {
        entries.TryRemove(name, out _);
        return Task.CompletedTask;
    }
}
