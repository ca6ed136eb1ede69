using System.Globalization;
using Qfx.Streams.Domains;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;

namespace Qfx.Daemon.Disposables;

/// <summary>Disposable VMs on the embedded store: a domain of the simulated toolstack, and what the caller starts in it.</summary>
/// <param name="toolstack">Makes the domains.</param>
/// <param name="start">Lets a VM run: its guest's programs.</param>
/// <param name="stop">Ends them; the VM is gone then.</param>
internal sealed class SimulatedDisposables(SimulatedToolstack toolstack, Action<SimulatedDomain> start, Action<SimulatedDomain>? stop = null) : IDisposableHost, IDisposable
{
    private readonly Dictionary<Domid, SimulatedDomain> made = [];
    private readonly SemaphoreSlim one = new(1, 1);
    private int last;

    public bool CanRestorePaused => true;

    /// <summary>Changed by tests: another stamp is another savefile.</summary>
    public SavefileLook Savefile { get; set; } = new(true, "1");

    /// <summary>Changed by tests: not enough memory.</summary>
    public bool NoMemory { get; set; }

    public Task<SavefileLook> LookAsync(CancellationToken cancel) => Task.FromResult(Savefile);

    public Task UpdateAsync(CancellationToken cancel)
    {
        Savefile = Savefile with { Fresh = true };
        return Task.CompletedTask;
    }

    public Task<IDisposable?> AskMemoryAsync(CancellationToken cancel) =>
        Task.FromResult<IDisposable?>(NoMemory ? null : System.Reactive.Disposables.Disposable.Empty);

    public void Dispose() => one.Dispose();

    public async Task<RestoredVm> RestoreAsync(VmLabel label, bool paused, string mark, CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            last++;
            var name = string.Create(CultureInfo.InvariantCulture, $"disp{last}");
            var domain = await toolstack.CreateAsync(name, cancel).ConfigureAwait(false);
            made.Add(domain.Domid, domain);
            if (!paused) start(domain);
            return new(domain.Domid, VmName.Parse(name), VmName.Parse("dvm"));
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The embedded store ends with the daemon, and all VMs with it.</summary>
    public RestoredVm? Reported() => null;

    /// <summary>Its restores end with this process.</summary>
    public Task<RestoredVm> ReportedAsync(CancellationToken cancel) => Task.FromCanceled<RestoredVm>(new CancellationToken(canceled: true));

    public Task GoneAsync(string mark, CancellationToken cancel) => Task.CompletedTask;

    public async Task UnpauseAsync(Domid domid, CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            start(made[domid]);
        }
        finally
        {
            one.Release();
        }
    }

    public async Task DestroyAsync(Domid domid, CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!made.Remove(domid, out var domain)) return;
            stop?.Invoke(domain);
            await toolstack.DestroyAsync(domain, cancel).ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }
}
