using Qfx.Daemon.Disposables;

namespace Qfx.Daemon.Qubes;

/// <summary>The labels of 2010, by the names that the list has them under. Colour and icon are the name, but for two colours.</summary>
internal static class QubesLabels
{
    private static readonly string[] Names = ["red", "orange", "yellow", "green", "gray", "blue", "purple", "black"];

    /// <summary>Null for a name that no label has.</summary>
    public static VmLabel? Find(string? name) => Array.IndexOf(Names, name) is >= 0 and var i
        ? new(i + 1, Names[i] switch { "green" => "0x5fa05e", "purple" => "0xb83374", var plain => plain }, Names[i])
        : null;

    /// <summary>The name of a label.</summary>
    /// <exception cref="VmDatabaseException">There is none of this index.</exception>
    public static string NameOf(VmLabel label) => label.Index >= 1 && label.Index <= Names.Length
        ? Names[label.Index - 1]
        : throw new VmDatabaseException($"there is no label {label.Index}");
}
