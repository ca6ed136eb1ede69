using System.Reflection;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Cli;
using Qfx.Daemon.Logging;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Manual;

/// <summary>What of the documentation is written from the code is as the code is now: ./qfx manual writes it anew.</summary>
public class ManualTests
{
    [Theory]
    [InlineData("qfilexchgd.8", "packaging/dom0/man/qfilexchgd.8")]
    [InlineData("qfilexchgd.conf.5", "packaging/dom0/man/qfilexchgd.conf.5")]
    [InlineData("qfilexchgd.conf", "packaging/dom0/qfilexchgd.conf")]
    [InlineData("catalog", "packaging/dom0/qfilexchgd.catalog")]
    [InlineData("bash", "packaging/dom0/completion/qfilexchgd.bash")]
    [InlineData("zsh", "packaging/dom0/completion/qfilexchgd.zsh")]
    [InlineData("fish", "packaging/dom0/completion/qfilexchgd.fish")]
    public void A_file_is_as_the_code_writes_it(string part, string file) => Assert.Equal(Written(part), Sources.Read(file));

    [Theory]
    [InlineData("configuration", "docs/configuration.md")]
    [InlineData("messages", "docs/messages.md")]
    public void A_table_is_as_the_code_writes_it(string part, string file) =>
        Assert.Contains($"<!-- from the code -->\n{Written(part)}<!-- to here -->\n", Sources.Read(file), StringComparison.Ordinal);

    [Fact]
    public void Every_message_of_the_log_is_explained_and_nothing_else()
    {
        var messages = typeof(DaemonLog).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId).OfType<int>().ToArray();

        Assert.Equal(messages.Length, messages.Distinct().Count());
        Assert.Equal(messages.Order(), Explanations.All.Keys);
    }

    [Fact]
    public void Every_status_code_has_its_line_in_both_documents()
    {
        foreach (var document in new[] { "docs/messages.md", "docs/protocol.md" })
        {
            var table = Sources.Read(document);
            foreach (var code in Enum.GetValues<StatusCode>()) Assert.Contains($"`{code.Word()}`", table, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("bash", "bash", "-n")]
    [InlineData("zsh", "zsh", "-n")]
    [InlineData("fish", "fish", "-n")]
    public async Task The_shell_understands_its_completion(string part, string shell, string option)
    {
        Programs.Require(shell);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["completion"], Written(part), TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), await Programs.RunAsync(shell, [option, folder["completion"]]));
    }

    [Theory]
    [InlineData("qfilexchgd pol", "policy")]
    [InlineData("qfilexchgd policy ", "check lint")]
    [InlineData("qfilexchgd policy check --f", "--folder")]
    [InlineData("qfilexchgd policy check work --s", "--service")]
    public async Task Bash_offers_what_can_come_next(string line, string offered)
    {
        const string Ask = """
            . "$1"; read -ra COMP_WORDS <<<"$2"; [[ $2 == *' ' ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt() { :; }
            _qfilexchgd; echo "${COMPREPLY[*]}"
            """;
        Assert.Equal((0, offered + "\n"),
            await Programs.RunAsync("bash", ["-c", Ask, "bash", Path.Combine(Sources.Root(), "packaging/dom0/completion/qfilexchgd.bash"), line]));
    }

    [Fact]
    public async Task Man_has_nothing_to_say_against_the_pages()
    {
        Programs.Require("man");
        foreach (var page in new[] { "qfilexchgd.8", "qfilexchgd.conf.5" })
        {
            var (exit, output) = await Programs.RunAsync("man", ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", Path.Combine(Sources.Root(), "packaging/dom0/man", page)]);
            Assert.Equal(0, exit);
            Assert.DoesNotContain("warning:", output, StringComparison.Ordinal);    // as groff has it
        }
    }

    private static string Written(string part) => ManualCommand.Parts(Commands.All())[part]();
}
