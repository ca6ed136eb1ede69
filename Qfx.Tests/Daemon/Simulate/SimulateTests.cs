using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Qfx.Daemon.Simulate;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Simulate;

public sealed class SimulateTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();

    public static TheoryData<string> Scenarios => [.. Directory.EnumerateFiles(ScenarioFolder(), "*.marbles").Select(file => Path.GetFileName(file)).Order()];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Each_scenario_of_the_documentation_comes_out_as_it_says(string name) => Assert.Equal(
        (0, $"{name}: what comes out is what it expects\n", ""),
        (SimulateCommand.Run(Path.Combine(ScenarioFolder(), name), check: true, null, output, errors), After(output), After(errors)));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void What_is_printed_is_a_scenario_again_that_comes_out_as_it_says(string name)
    {
        Assert.Equal(0, SimulateCommand.Run(Path.Combine(ScenarioFolder(), name), check: false, null, output, errors));

        Assert.Equal((0, ""), (Run(output.ToString(), check: true), errors.ToString()));
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Each_has_a_picture(string name)
    {
        var svg = Path.Combine(folder.Path, "out.svg");
        Assert.Equal(0, SimulateCommand.Run(Path.Combine(ScenarioFolder(), name), check: false, svg, output, errors));

        var picture = XDocument.Parse(File.ReadAllText(svg));
        Assert.Equal("svg", picture.Root!.Name.LocalName);
        Assert.Contains(picture.Descendants(), e => e.Name.LocalName == "circle");
        var shown = Path.Combine(ScenarioFolder(), Path.ChangeExtension(name, ".svg"));
        Assert.True(File.ReadAllText(shown) == File.ReadAllText(svg), $"{shown} is out of date: simulate --svg writes it");
    }

    [Fact]
    public void A_difference_is_drawn_and_the_exit_code_says_so()
    {
        Assert.Equal(SimulateCommand.Different, Run("work : n---\nwork > ---A", check: true));

        Assert.Contains("story.marbles: work: the first difference is at frame 2 (20ms): expected nothing, got A (attached)", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("  expected ---A\n  actual   --A-\n             ^\n", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_VM_reads_and_no_row_expects_is_a_difference()
    {
        Assert.Equal(SimulateCommand.Different, Run("work : n---\ndisks > mg--", check: true));

        Assert.Contains("There is no row '>' for what comes out here. work: ", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_printed_and_printed_again_does_not_grow()
    {
        Assert.Equal(0, Run("# a title\nwork : n---\nperson : -", check: false));
        var first = output.ToString();
        output.GetStringBuilder().Clear();

        Assert.Equal(0, Run(first, check: false));
        Assert.Equal(first, output.ToString());
    }

    [Fact]
    public void A_picture_does_not_overwrite_its_story_and_a_title_of_control_characters_is_drawn()
    {
        var file = Path.Combine(folder.Path, "story.marbles");
        Assert.Equal(0, Run("# a\u0007b\nwork : n---", check: false));
        Assert.Equal(SimulateCommand.Unreadable, SimulateCommand.Run(file, check: false, Path.Combine(folder.Path, ".", "story.marbles"), output, errors));
        Assert.Contains("overwrite", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(SimulateCommand.Unreadable, SimulateCommand.Run("", check: false, null, output, errors));
        Assert.Equal(SimulateCommand.Unreadable, SimulateCommand.Run(file, check: false, "", output, errors));

        Assert.Equal(0, SimulateCommand.Run(file, check: false, Path.Combine(folder.Path, "out.svg"), output, errors));
        Assert.Equal("a?b", XDocument.Load(Path.Combine(folder.Path, "out.svg")).Descendants().First(e => e.Name.LocalName == "title").Value);
    }

    [Fact]
    public void What_the_policy_the_admin_and_the_daemon_do_and_what_the_person_is_told_is_in_the_picture()
    {
        var svg = Path.Combine(folder.Path, "out.svg");
        Assert.Equal(0, SimulateCommand.Run(Path.Combine(ScenarioFolder(), "denied.marbles"), check: false, svg, output, errors));

        var words = XDocument.Load(svg).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToArray();
        Assert.Contains("qfx.Copy * work personal deny", words);
        Assert.Contains("refused by the policy", words);
    }

    [Theory]
    [InlineData("work : n--%\n", "line 1: '%' means nothing in a row\nwork : n--%\n          ^")]
    [InlineData("# a story\nwork : n--Q\n", "line 2: 'Q' stands for nothing in this row\nwork : n--Q\n          ^")]
    [InlineData("person : x\n", "line 1: 'x' stands for nothing in this row\nperson : x\n         ^")]
    [InlineData("colour = red\nwork : n\n", "line 1: this is no setting of a story, or no value for colour\ncolour = red\n         ^")]
    [InlineData("frame = soon\nwork : n\n", "line 1: a time is a number and ms, s, m or h\nframe = soon\n        ^")]
    [InlineData("s = send a\ns = send b\nwork : n\n", "line 2: 's' stands for something already\ns = send b\n^")]
    [InlineData("work n\n", "line 1: a line is 'name : row', 'name > row', 'letter = words' or a remark after '#'\nwork n\n^")]
    [InlineData("\n", "a story has rows")]
    public void What_is_no_story_is_pointed_at(string text, string error)
    {
        Assert.Equal(SimulateCommand.Unreadable, Run(text, check: false));

        Assert.Contains($"story.marbles: {error}", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said_to_be_missing()
    {
        Assert.Equal(SimulateCommand.Unreadable, SimulateCommand.Run(Path.Combine(folder.Path, "nothing"), check: false, null, output, errors));

        Assert.Contains("nothing", errors.ToString(), StringComparison.Ordinal);
    }

    private int Run(string text, bool check)
    {
        var file = Path.Combine(folder.Path, "story.marbles");
        File.WriteAllText(file, text);
        return SimulateCommand.Run(file, check, null, output, errors);
    }

    /// <summary>Without the folder, whose path is another one on every machine.</summary>
    private static string After(StringWriter writer) => writer.ToString().Replace(ScenarioFolder() + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    private static string ScenarioFolder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/scenarios"));
}
