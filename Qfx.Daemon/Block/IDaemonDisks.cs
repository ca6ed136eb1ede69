using Qfx.Daemon.Options;
using Qfx.Xen.Block;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Block;

/// <summary>Disks that can take away what an earlier run of the daemon left.</summary>
internal interface IDaemonDisks : IBlockDevices
{
    /// <summary>Takes away what is provably ours and belongs to nobody any more; nothing else is touched.</summary>
    /// <param name="images">The images of earlier runs, by path.</param>
    /// <param name="limit">How long all of it may take.</param>
    /// <param name="cancel">Breaks it off.</param>
    /// <returns>Those images that somebody still has.</returns>
    Task<IReadOnlySet<string>> SweepAsync(IReadOnlyCollection<string> images, TimeSpan limit, CancellationToken cancel);
}

/// <summary>Which disks the configuration asks for.</summary>
internal static class DaemonDisks
{
    public static IDaemonDisks Create(DaemonOptions options, IXenstore store) => options.Devices switch
    {
        DeviceKind.Native => new NativeDisks(store, new VbdStore(store, options.VbdScript), new LoopDevices()),
        DeviceKind.Xl => new XlDisks(store, new VbdStore(store, options.VbdScript), new LoopDevices(), new XlCommand(options.Xl, options.XlScript)),
        DeviceKind.Simulated => new SimulatedDisks(store, options.DevicesFolder),
        _ => throw new System.Diagnostics.UnreachableException($"no disks of kind {options.Devices}"),
    };
}
