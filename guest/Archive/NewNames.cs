using System.Globalization;

namespace Qfx.Guest.Archive;

/// <summary>Names for something that comes where its own name may be taken.</summary>
internal static class NewNames
{
    private const int Most = 1000;

    /// <summary><c>report.pdf</c>, <c>report (2).pdf</c>, <c>report (3).pdf</c>, …</summary>
    public static IEnumerable<string> Of(string name)
    {
        yield return name;
        var dot = name.LastIndexOf('.');
        var (stem, ending) = dot > 0 ? (name[..dot], name[dot..]) : (name, "");
        for (var i = 2; i <= Most; i++) yield return string.Create(CultureInfo.InvariantCulture, $"{stem} ({i}){ending}");
    }
}
