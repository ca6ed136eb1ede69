namespace Qfx.Guest.Exchange;

/// <summary>Names that a VM may take part under.</summary>
internal static class VmNames
{
    /// <summary><c>[A-Za-z0-9][A-Za-z0-9_.-]{0,30}</c>: also safe as the name of a folder.</summary>
    public static bool IsLegal(string name) =>
        name.Length is > 0 and <= 31 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
