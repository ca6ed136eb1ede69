namespace Qfx.Xen.Block;

/// <summary>Why a disk could not be attached or detached.</summary>
public enum BlockDeviceFault
{
    /// <summary>Another disk, not ours, is there; it was not touched.</summary>
    SlotInUse,

    /// <summary>The domain is not there.</summary>
    NoDomain,

    /// <summary>What the message says.</summary>
    Failed,
}

/// <summary>A disk could not be attached or detached.</summary>
public sealed class BlockDeviceException(BlockDeviceFault fault, string message, bool exposed = false, Exception? inner = null)
    : IOException(message, inner)
{
    /// <summary>The kind of trouble.</summary>
    public BlockDeviceFault Fault { get; } = fault;

    /// <summary>The domain may have seen the disk.</summary>
    public bool Exposed { get; } = exposed;
}
