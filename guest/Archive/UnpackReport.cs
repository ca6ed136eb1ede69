using Qfx.Guest.Host;

namespace Qfx.Guest.Archive;

/// <summary>What one archive may become.</summary>
/// <param name="Bytes">Of contents.</param>
/// <param name="Entries">Files, folders and links.</param>
internal readonly record struct UnpackLimits(long Bytes, int Entries);

/// <summary>What came of an archive.</summary>
/// <param name="Files">So many files.</param>
/// <param name="Bytes">Of contents.</param>
/// <param name="Names">What lies at the top, under the names that it has now.</param>
/// <param name="Dropped">Devices, pipes, and links that lead out: they were in the archive, and are not here.</param>
internal sealed record UnpackReport(int Files, long Bytes, IReadOnlyList<string> Names, int Dropped)
{
    /// <summary>Whether all that was sent is here.</summary>
    public bool IsWhole => Dropped == 0;

    /// <summary>In a sentence.</summary>
    public string Text(string sender, string folder)
    {
        var what = Files == 1 ? "1 file" : FormattableString.Invariant($"{Files} files");
        var dropped = Dropped == 0 ? "" : FormattableString.Invariant($" {Dropped} devices or links that lead elsewhere were left out.");
        return $"{what}, {Sizes.Of(Bytes)}, from {sender} in {folder}: {string.Join(", ", Names.Take(5).Select(name => Printable.Of(name, 60)))}{(Names.Count > 5 ? ", …" : "")}.{dropped}";
    }
}
