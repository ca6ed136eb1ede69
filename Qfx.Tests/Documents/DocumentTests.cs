using System.Text.RegularExpressions;
using Qfx.Tests.Support;

namespace Qfx.Tests.Documents;

/// <summary>What the documents name is there.</summary>
public partial class DocumentTests
{
    private static readonly string[] Wiring = ["Qfx.Streams", "Qfx.Daemon/Runner", "Qfx.Daemon/Control", "Qfx.Daemon/Options", "Qfx.Daemon/Policy"];

    [Fact]
    public void The_tests_that_the_security_document_relies_on_exist()
    {
        var named = Names().Matches(Sources.Read("docs/security.md")).Select(match => match.Value.Split('/')[^1]).Distinct().ToArray();

        Assert.True(named.Length > 10, $"only {named.Length} tests are named");
        Assert.Empty(named.Except(typeof(DocumentTests).Assembly.GetTypes().Select(type => type.Name)));
    }

    [Fact]
    public void Each_word_of_the_stream_graph_stands_in_the_code_that_wires_it()
    {
        var document = Sources.Read("docs/architecture.md");
        var graph = document[document.IndexOf("## The stream graph", StringComparison.Ordinal)..].Split("```")[1];
        var code = string.Concat(Wiring
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Sources.Root(), folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));

        var words = Words().Matches(graph).Select(match => match.Value).Distinct().ToArray();
        Assert.True(words.Length > 10, string.Join(' ', words));
        Assert.Empty(words.Where(word => !Regex.IsMatch(code, $@"\b{word}\b")));
    }

    [Fact]
    public void Every_message_of_the_command_line_stands_in_its_list()
    {
        var list = Spaces().Replace(Sources.Read("docs/messages.md"), " ");
        var messages = Directory.EnumerateFiles(Path.Combine(Sources.Root(), "Qfx.Daemon"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Said().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Select(text => Filled().Replace(text.StartsWith("qfilexchgd: ", StringComparison.Ordinal) ? text["qfilexchgd: ".Length..] : text, "…"))
            .Where(text => text != "…")    // it says what somebody else has found
            .Distinct().ToArray();

        Assert.True(messages.Length > 12);
        Assert.Empty(messages.Where(message => !list.Contains($"`{message}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_file_that_a_document_links_to_exists()
    {
        var broken = Directory.EnumerateFiles(Path.Combine(Sources.Root(), "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Sources.Root(), "README.md"))
            .SelectMany(document => Links().Matches(File.ReadAllText(document)).Select(match => (Document: document, Link: match.Groups[1].Value)))
            .Where(link => !link.Link.Contains("://", StringComparison.Ordinal))
            .Where(link => !Path.Exists(Path.Combine(Path.GetDirectoryName(link.Document)!, link.Link.Split('#')[0])));

        Assert.Empty(broken);
    }

    [GeneratedRegex(@"\b[A-Za-z/]+Tests\b")]
    private static partial Regex Names();

    /// <summary>Names of types and operators: two capitals, or one with small letters after it.</summary>
    [GeneratedRegex(@"\b[A-Z][a-z]+(?:[A-Z][a-z]+)*\b")]
    private static partial Regex Words();

    /// <summary>What is written to stderr, or ends a command.</summary>
    [GeneratedRegex(@"(?:Error\.WriteLine(?:Async)?\(|AskException\(ExitCode\.\w+, |SayAsync\()\$?""([^""]*)""")]
    private static partial Regex Said();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Filled();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\]\(([^)#][^)]*)\)")]
    private static partial Regex Links();
}
