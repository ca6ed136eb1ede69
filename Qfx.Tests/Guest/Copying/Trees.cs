using System.Security.Cryptography;
using Qfx.Guest.Copying;

namespace Qfx.Tests.Guest.Copying;

/// <summary>Folders made for tests, and what is in a folder, said in lines that can be compared.</summary>
internal static class Trees
{
    /// <summary>Names in many languages, and a path of 300 characters.</summary>
    public static readonly string[] Names =
    [
        "plain.txt", "Grüße an Ελένη.txt", "写真 2026.jpg", "emoji 😀🎉.png", "with blank and 'quote'", "-dash", "UPPER.TXT",
        string.Join('/', Enumerable.Repeat("a folder with a name of forty characters", 8)) + "/deep.txt",
    ];

    /// <summary>Writes a file, and the folders that it is in.</summary>
    public static string Write(string root, string name, byte[] contents)
    {
        var path = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, contents);
        return path;
    }

    public static void Fill(string root)
    {
        foreach (var (name, i) in Names.Select((name, i) => (name, i))) Write(root, name, RandomNumberGenerator.GetBytes(i * 4000));
        Write(root, "empty", []);
        Directory.CreateDirectory(Path.Combine(root, "empty folder"));
    }

    /// <summary>Each file, folder and link below, with its kind, contents and where it leads; the times to two seconds, as FAT has them, if they are asked for.</summary>
    public static IReadOnlyList<string> Lines(string root, bool modes = false, bool times = false) =>
        [.. Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true })
            .Order(StringComparer.Ordinal).Select(path => Line(root, path, modes, times))];

    private static string Line(string root, string path, bool modes, bool times)
    {
        var status = FileStatus.Of(path)!.Value;
        var what = status.Kind switch
        {
            FileKind.File => Sum(path),
            FileKind.Link => new FileInfo(path).LinkTarget,
            _ => "",
        };
        var mode = modes && status.Kind != FileKind.Link ? Convert.ToString((int)status.Permissions, 8) : "";
        var time = times && status.Kind == FileKind.File ? (status.Modified.ToUnixTimeSeconds() / 2).ToString(System.Globalization.CultureInfo.InvariantCulture) : "";
        return $"{status.Kind} {Path.GetRelativePath(root, path)} {what} {mode} {time}";
    }

    /// <summary>Read bit by bit: the largest file that vfat can hold is in no array.</summary>
    private static string Sum(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
