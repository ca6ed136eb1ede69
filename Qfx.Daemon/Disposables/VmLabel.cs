namespace Qfx.Daemon.Disposables;

/// <summary>How much a VM is trusted, as its windows show it.</summary>
/// <param name="Index">1 red, 2 orange, 3 yellow, 4 green, 5 gray, 6 blue, 7 purple, 8 black.</param>
/// <param name="Colour">What the restore command gets after <c>-c</c>: the label's name, or 0x and six hex digits.</param>
/// <param name="Icon">What it gets after <c>-i</c>.</param>
internal sealed record VmLabel(int Index, string Colour, string Icon)
{
    /// <summary>Where a VM has no label of its own: trusted least.</summary>
    public static readonly VmLabel Red = new(1, "red", "red");
}
