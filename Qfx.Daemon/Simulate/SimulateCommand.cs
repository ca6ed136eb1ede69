using System.CommandLine;
using Qfx.Streams.Marbles;

namespace Qfx.Daemon.Simulate;

/// <summary><c>qfilexchgd simulate</c>: the daemon's rules play a story in virtual time. No Xen, no files, no waiting.</summary>
internal static class SimulateCommand
{
    /// <summary>What came out is not what the story expects.</summary>
    public const int Different = 1;

    /// <summary>The file cannot be read, or is no story.</summary>
    public const int Unreadable = 2;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "rows of marbles: docs/scenarios has some, docs/rules.md explains them" };
        var check = new Option<bool>("--check") { Description = "compares with the rows that the file expects; exit 1 on a difference" };
        var svg = new Option<string?>("--svg") { Description = "draws it into this file", HelpName = "OUT" };
        var command = new Command("simulate", "Plays a story by the daemon's rules, in virtual time, and prints what comes of it.") { file, check, svg };
        command.SetAction(parsed => Run(parsed.GetValue(file)!, parsed.GetValue(check), parsed.GetValue(svg), Console.Out, Console.Error));
        return command;
    }

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    internal static int Run(string file, bool check, string? svg, TextWriter output, TextWriter errors)
    {
        if (Fault(file, svg) is { } fault)
        {
            errors.WriteLine($"qfilexchgd: {fault}");
            return Unreadable;
        }

        try
        {
            var story = Story.Parse(File.ReadAllText(file));
            using var player = new StoryPlayer(story);
            player.Play();
            if (svg is not null) File.WriteAllText(svg, StoryPicture.Draw(story, player));
            if (!check)
            {
                output.Write(StoryListing.Print(story, player));
                return 0;
            }

            var differences = player.Differences(whole: true).ToArray();
            foreach (var difference in differences) errors.WriteLine($"{file}: {difference}");
            if (differences.Length == 0) output.WriteLine($"{file}: what comes out is what it expects");
            return differences.Length == 0 ? 0 : Different;
        }
        catch (MarbleException e)
        {
            errors.WriteLine($"{file}: {e.Message}");
            return Unreadable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"qfilexchgd: {e.Message}");
            return Unreadable;
        }
    }

    private static string? Fault(string file, string? svg) =>
        file.Length == 0 || svg is "" ? "a file has a name"
        : svg is not null && Path.GetFullPath(svg) == Path.GetFullPath(file) ? "the picture would overwrite the story: give it another name"
        : null;
}
