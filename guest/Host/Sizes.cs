using System.Globalization;

namespace Qfx.Guest.Host;

/// <summary>Bytes, for people.</summary>
internal static class Sizes
{
    /// <summary>As <c>512 B</c>, <c>1.5 KiB</c>, <c>899 MiB</c>, <c>4.0 GiB</c>.</summary>
    public static string Of(long bytes)
    {
        string[] units = ["KiB", "MiB", "GiB", "TiB"];
        if (bytes < 1024) return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        var value = bytes / 1024.0;
        var unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++) value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}
