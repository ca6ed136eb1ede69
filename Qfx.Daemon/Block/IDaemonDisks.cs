using Qfx.Daemon.Options;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Block;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Block;

/// <summary>Disks that can take away what an earlier run of the daemon left.</summary>
internal interface IDaemonDisks : IBlockDevices
{
    /// <summary>Takes away what is provably ours and may not stay; nothing else is touched.</summary>
    /// <param name="images">The images of earlier runs, by path.</param>
    /// <param name="stays">Whether an image may stay at the domain that has it, as this disk.</param>
    /// <param name="limit">How long all of it may take.</param>
    /// <param name="cancel">Breaks it off.</param>
    Task<Swept> SweepAsync(IReadOnlyCollection<string> images, Func<string, DomainIdentity, Vdev, bool> stays, TimeSpan limit, CancellationToken cancel);
}

/// <summary>What is left of the disks of earlier runs.</summary>
/// <param name="Held">Images that somebody still has who is not to have them.</param>
/// <param name="Staying">Those that stay where they are, with both ends Connected.</param>
internal sealed record Swept(IReadOnlySet<string> Held, IReadOnlyDictionary<string, Slot> Staying);

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
