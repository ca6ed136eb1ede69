using System.Text;
using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Daemon.Dialogs.Desktop;

/// <summary>What a hostile VM could want to have on the screen or in the log.</summary>
public class HostileTextTests
{
    /// <summary>64 kinds, each as the receiver's name in a request, and as a VM's own name.</summary>
    public static TheoryData<string> Kinds => [.. Texts().Select(text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)))];

    [Fact]
    public void There_are_sixty_four_kinds() => Assert.Equal(64, Texts().Distinct().Count());

    [Theory, MemberData(nameof(Kinds))]
    public void None_reaches_the_screen_or_the_log_raw(string base64)
    {
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        Assert.False(VmName.TryParse(text, out _));
        var played = Scenario.Check("""
            work     : n----------
            personal : -----------
            work     > --A--------
            """);
        var step = ExchangeRules.Decide(played.State, new ExchangeEvent.Qpen(new QpenEvent.Taken(
            played.State.Vms.Values.First().Identity, RequestParser.Parse(Encoding.UTF8.GetBytes($"send {text}")))));

        Assert.Empty(step.Commands.OfType<ExchangeCommand.Ask>());
        Assert.Empty(step.Commands.OfType<ExchangeCommand.Notify>());
        foreach (var line in step.Commands.OfType<ExchangeCommand.Record>().Select(record => record.Report.Text)
            .Concat(step.Commands.OfType<ExchangeCommand.Audit>().Select(audit => audit.What.Why)))
        {
            Assert.All(line, c => Assert.InRange(c, ' ', '~'));
            Assert.InRange(line.Length, 1, 512);
        }

        foreach (var status in step.Commands.OfType<ExchangeCommand.WriteStatus>()) Assert.All(status.Status.Encode(), b => Assert.InRange(b, 0x20, 0x7E));
    }

    [Theory, InlineData("zenity"), InlineData("yad"), InlineData("kdialog")]
    public void What_is_shown_has_no_markup_but_our_own_and_no_argument_begins_with_a_dash_that_is_not_ours(string name)
    {
        var tool = DialogTool.Find(name);
        var longest = VmName.Parse("a" + new string('-', 30));
        var text = QuestionText.Of(new(new(new(1), longest, longest, true) { Again = true }, 1));

        Assert.All(tool.Ask(text, "red").Concat(tool.Choose(text, "red", [longest.ToString()])).SelectMany(argument => argument), c =>
            Assert.True(c is '\n' or (>= ' ' and <= '~'), $"U+{(int)c:X4}"));
        Assert.DoesNotContain('<', QuestionText.Nobody);
        Assert.False(VmName.TryParse(QuestionText.Nobody, out _));
    }

    private static IEnumerable<string> Texts()
    {
        string[] markup =
        [
            "<b>", "<b>work</b>", "<span foreground='red'>", "<a href='x'>", "<img src=x>", "<!--", "]]>", "&lt;b&gt;", "&#60;b&#62;", "&amp;", "&", "<", ">", "'", "\"", "<html>",
        ];
        string[] controls =
        [
            "\u0001", "\u0007", "\b", "\u001b[2J", "\u001b]0;x\u0007", "\u007f", "\u0085", "\u009b31m", "\r", "a\nb", "a\u000bb", "a\u000cb", "\u000e", "\u001a", "\u001c", "a\u0000b",
        ];
        string[] unicode =
        [
            "\u202e", "\u202d", "\u202a", "\u202b", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f", "\u200b", "\u2028", "\u2029", "\ufeff", "\ufffe", "w\u043erk",
        ];
        string[] others =
        [
            "--text", "-", "../etc", "/", ".", "..", "%s%n", "$(id)", "`id`", ";", "|", "é", "日本", new('a', 4096), new('a', 32), "{Vm}",
        ];
        return [.. markup, .. controls, .. unicode, .. others];
    }
}
