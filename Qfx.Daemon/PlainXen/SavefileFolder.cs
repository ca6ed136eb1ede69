namespace Qfx.Daemon.PlainXen;

/// <summary>Where savefiles of disposable VMs are, under the names that Qubes has for them.</summary>
/// <param name="data">/var/lib/qubes/dvmdata: savefiles, and the links <c>default_savefile</c> and <c>savefile_root</c>.</param>
/// <param name="run">/var/run/qubes: the link <c>current_savefile</c>, and what the last restore reports.</param>
internal sealed class SavefileFolder(string data, string run)
{
    public const string DefaultData = "/var/lib/qubes/dvmdata";
    public const string DefaultRun = "/var/run/qubes";

    /// <summary>The savefile that a disposable VM is made of.</summary>
    public string Default => Path.Combine(data, "default_savefile");

    /// <summary>What the saved guest was made of: when that changes, the savefile is stale.</summary>
    public string Root => Path.Combine(data, "savefile_root");

    /// <summary>The same savefile, as far as it was put to use since the host was started.</summary>
    public string Current => Path.Combine(run, "current_savefile");

    /// <summary>The last restore's three lines.</summary>
    public string Report => Path.Combine(run, "dispVM_xid");

    /// <summary>The last number given out.</summary>
    public string Counter => Path.Combine(run, "dispVM_seq");

    public string SavefileOf(string name) => Path.Combine(data, $"{name}.save");

    public string ConfigOf(string name) => Path.Combine(data, $"{name}.cfg");

    /// <summary>Why the savefile has to be made anew; null if it is fresh.</summary>
    public string? Stale()
    {
        foreach (var file in new[] { Current, Default, Root })
        {
            // A link that leads nowhere is missing too.
            if (new FileInfo(file) is var info && !(info.LinkTarget is null ? info.Exists : info.ResolveLinkTarget(returnFinalTarget: true)?.Exists == true)) return $"{file} is missing";
        }

        return Changed(Default) < Changed(Root) ? $"{Default} is older than {Root}" : null;
    }

    /// <summary>Makes a savefile the one that disposable VMs are made of.</summary>
    /// <param name="name">The saved guest.</param>
    /// <param name="madeOf">What it was made of.</param>
    /// <exception cref="IOException">A link could not be made.</exception>
    public void Use(string name, string madeOf)
    {
        Directory.CreateDirectory(run);
        Link(Root, madeOf);
        Link(Default, SavefileOf(name));
        Link(Current, SavefileOf(name));
    }

    /// <summary>Puts the one that was prepared to use again: <c>current_savefile</c> does not outlive the host's start.</summary>
    /// <exception cref="IOException">There is none, or it is stale: it has to be prepared anew.</exception>
    public void UseAgain()
    {
        var savefile = new FileInfo(Default) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true) : null;
        if (savefile?.Exists != true) throw new IOException($"{Default} is missing: qfilexchgd dvm prepare makes it");
        Directory.CreateDirectory(run);
        Link(Current, savefile.FullName);
        if (Stale() is { } why) throw new IOException($"{why}: qfilexchgd dvm prepare makes the savefile anew");
    }

    /// <summary>Where a restore has its configuration: the daemon that calls it may write here, and not into /tmp.</summary>
    public string ConfigFor(string name) => Path.Combine(run, $"{name}.cfg");

    /// <summary>The names of the guests whose restore has begun and not ended.</summary>
    public IReadOnlyList<string> Unfinished() =>
        [.. Directory.EnumerateFiles(run, "disp*.cfg").Select(file => Path.GetFileNameWithoutExtension(file)!).Where(name => name.Length > 4 && name[4..].All(char.IsAsciiDigit))];

    public void Create()
    {
        Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(run);
    }

    private static DateTime Changed(string link) => (new FileInfo(link).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(link)).LastWriteTimeUtc;

    /// <summary>Never without one: whoever looks meanwhile finds the old or the new one.</summary>
    private static void Link(string link, string target)
    {
        var made = link + ".new";
        File.Delete(made);
        File.CreateSymbolicLink(made, target);
        File.Move(made, link, overwrite: true);
    }
}
