using System.Security.Cryptography;

namespace Qfx.Daemon.Demo;

/// <summary>What travels, and whether it arrived as it was.</summary>
internal static class DemoFiles
{
    /// <summary>A few files to send where none are given.</summary>
    public static string[] Make(string folder)
    {
        Directory.CreateDirectory(folder);
        (string Name, int Bytes)[] files =
        [
            ("report.txt", 1234),
            ("Grüße an Ελένη – 写真.jpg", 300_000),
            ("eight MiB.bin", 8 * 1024 * 1024),
            ("empty", 0),
        ];
        return files.Select(file =>
        {
            var path = Path.Combine(folder, file.Name);
            File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(file.Bytes));
            return path;
        }).ToArray();
    }

    /// <summary>Every file of these files and folders: by the path that it has at the receiver, its length and SHA-256.</summary>
    public static SortedDictionary<string, (long Bytes, string Sum)> Sums(IEnumerable<string> paths)
    {
        var sums = new SortedDictionary<string, (long, string)>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var parent = Path.GetDirectoryName(path)!;
            var files = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [path];
            foreach (var file in files)
            {
                using var content = File.OpenRead(file);
                sums.Add(Path.GetRelativePath(parent, file), (content.Length, Convert.ToHexStringLower(SHA256.HashData(content))));
            }
        }

        return sums;
    }
}
