using Qfx.Guest.Host;

namespace Qfx.Guest.Copying;

/// <summary>Looks at all that is to be sent, before anything is asked: what it is, how large, and what of it cannot be sent.</summary>
internal static class Scan
{
    private const int MostItems = 1_000_000;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <param name="paths">Absolute; the last part of each is its name on the pendrive.</param>
    /// <param name="rules">Of the pendrive.</param>
    /// <param name="follow">Whether what a link leads to is sent in its place.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="GuestException">A path names nothing, or there is too much.</exception>
    public static Plan Of(IEnumerable<string> paths, ITargetRules rules, bool follow, CancellationToken cancel)
    {
        var tops = paths.ToArray();
        if (tops.FirstOrDefault(path => FileStatus.Of(path) is null) is { } missing) throw new GuestException(ExitCode.Usage, $"{missing} is not there.");
        var walk = new Walk(rules, follow, cancel);
        walk.AddAll("the pendrive", tops, "");
        return walk.Plan;
    }

    private sealed class Walk(ITargetRules rules, bool follow, CancellationToken cancel)
    {
        private readonly List<Item> items = [];
        private readonly List<Obstacle> obstacles = [];
        private readonly HashSet<(ulong, ulong)> above = [];    // the folders that we are in: a followed link may lead back

        public Plan Plan => new(items, obstacles);

        /// <summary>What is in one folder; an empty prefix stands for the top of the pendrive.</summary>
        public void AddAll(string folder, string[] paths, string prefix)
        {
            if (rules.FolderFault(prefix.Length == 0, [.. paths.Select(path => Path.GetFileName(path))]) is { } fault)
            {
                obstacles.Add(new(folder, fault));
                return;
            }

            var names = new Dictionary<string, string>(rules.Names);
            foreach (var path in paths)
            {
                var name = Path.GetFileName(path);
                if (names.TryAdd(name, name)) Add(path, prefix + name);
                else obstacles.Add(new(path, $"would have the same name there as {names[name]}"));
            }
        }

        private void Add(string source, string target)
        {
            cancel.ThrowIfCancellationRequested();
            if (items.Count >= MostItems) throw new GuestException(ExitCode.Failed, $"There are more than {MostItems} files and folders: send them in parts.");
            if (FileStatus.Of(source, follow) is not { } status)
            {
                obstacles.Add(new(source, NotSeen(source)));
                return;
            }

            var item = new Item(source, target, status, status.Kind == FileKind.Link ? new FileInfo(source).LinkTarget : null);
            if (rules.Fault(item) is { } fault)
            {
                obstacles.Add(new(source, fault));
            }
            else if (status.Kind == FileKind.File && Libc.Access(source, Libc.MayRead) != 0)
            {
                obstacles.Add(new(source, "may not be read by you"));
            }
            else
            {
                items.Add(item);
                if (status.Kind == FileKind.Folder) Enter(item);
            }
        }

        private void Enter(Item folder)
        {
            if (Libc.Access(folder.Source, Libc.MayRead | Libc.MayEnter) != 0)
            {
                items.RemoveAt(items.Count - 1);
                obstacles.Add(new(folder.Source, "may not be read by you"));
                return;
            }

            if (!above.Add(folder.Status.Identity))
            {
                items.RemoveAt(items.Count - 1);
                obstacles.Add(new(folder.Source, "leads back to a folder that it is in"));
                return;
            }

            try
            {
                var paths = Directory.EnumerateFileSystemEntries(folder.Source, "*", Everything).Order(StringComparer.Ordinal).ToArray();
                AddAll(folder.Source, paths, folder.Target + "/");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                obstacles.Add(new(folder.Source, "cannot be looked into"));
            }

            above.Remove(folder.Status.Identity);
        }

        /// <summary>A name that is not UTF-8 reaches us with U+FFFD in it, and names nothing.</summary>
        private static string NotSeen(string source) =>
            Path.GetFileName(source).Contains('\uFFFD') ? "has a name that is not UTF-8"
            : FileStatus.Of(source) is { Kind: FileKind.Link } ? "is a link that leads nowhere"
            : "cannot be looked at";
    }
}
