using Qfx.Guest.Exchange;
using Qfx.Guest.Host;

namespace Qfx.Guest.Commands;

/// <summary>What the words after <c>qvm-copy-to-vm</c> and <c>qvm-move-to-vm</c> say.</summary>
/// <param name="To">The receiver's name, or <see cref="Ask"/>.</param>
/// <param name="Files">Absolute paths, with different last parts.</param>
/// <param name="Archive">No file system on the pendrive.</param>
/// <param name="Follow">What links lead to is sent in their place.</param>
/// <param name="Skip">What cannot be sent is left out.</param>
/// <param name="Window">Windows instead of the terminal.</param>
internal sealed record SendOptions(string To, string[] Files, bool Archive, bool Follow, bool Skip, bool Window)
{
    /// <summary>In place of a name: the person at the screen chooses.</summary>
    public const string Ask = "@ask";

    public const string Words = """
          --archive   no file system on the pendrive: every name, link, size and mode arrives as it is
          --vfat      a file system that every receiver can mount (default; qfx-guest.conf has a setting)
          --follow    sends what links lead to in their place
          --skip      leaves out what cannot be sent, and says what
          --window    shows progress and errors in windows
          NAME        the receiver, or @ask: the person at the screen chooses
        """;

    /// <exception cref="GuestException">The words are off.</exception>
    public static SendOptions Parse(string[] words, bool move, GuestSettings settings, string usage)
    {
        var options = new SendOptions("", [], move || settings.Archive, false, false, false);
        var at = 0;
        for (; at < words.Length && words[at].StartsWith("--", StringComparison.Ordinal); at++)
        {
            if (words[at] == "--")
            {
                at++;
                break;
            }

            options = words[at] switch
            {
                "--archive" => options with { Archive = true },
                "--vfat" when !move => options with { Archive = false },
                "--follow" when !move => options with { Follow = true },
                "--skip" => options with { Skip = true },
                "--window" => options with { Window = true },
                _ => throw new GuestException(ExitCode.Usage, usage),
            };
        }

        if (words[at..] is not [var to, _, ..] || (to != Ask && !VmNames.IsLegal(to))) throw new GuestException(ExitCode.Usage, usage);
        var files = words[(at + 1)..].Select(Path.GetFullPath).Select(Path.TrimEndingDirectorySeparator).ToArray();
        if (files.Contains("/")) throw new GuestException(ExitCode.Usage, "The whole file system cannot be sent.");
        var twice = files.GroupBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? options with { To = to, Files = files }
            : throw new GuestException(ExitCode.Usage, $"Two of these would be called {twice.Key} on the pendrive: send them one after the other.");
    }
}
