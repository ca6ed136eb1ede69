namespace DiscUtils;

/// <summary>Cylinders, heads and sectors, which a FAT boot sector still wants to know.</summary>
/// <remarks>In the package it lives in DiscUtils.Core, which DiscUtils.Fat brings along.</remarks>
public sealed class Geometry(int cylinders, int headsPerCylinder, int sectorsPerTrack)
{
    /// <summary>Tracks under one head.</summary>
    public int Cylinders { get; } = cylinders;

    /// <summary>Heads.</summary>
    public int HeadsPerCylinder { get; } = headsPerCylinder;

    /// <summary>Sectors of 512 bytes.</summary>
    public int SectorsPerTrack { get; } = sectorsPerTrack;
}
