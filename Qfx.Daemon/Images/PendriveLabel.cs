using Qfx.Streams.Domains;

namespace Qfx.Daemon.Images;

/// <summary>The volume label of a VM's pendrive.</summary>
internal static class PendriveLabel
{
    /// <summary>Characters that FAT has room for.</summary>
    public const int MaxLength = 11;

    /// <summary>The name in capitals, <c>.</c> as <c>_</c>, cut to 11 characters.</summary>
    public static string Of(VmName name)
    {
        var label = name.ToString().ToUpperInvariant().Replace('.', '_');
        return label.Length > MaxLength ? label[..MaxLength] : label;
    }
}
