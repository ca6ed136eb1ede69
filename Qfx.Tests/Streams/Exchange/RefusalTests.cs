using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>Requests that change nothing, each with its own code.</summary>
public class RefusalTests
{
    [Theory]
    [InlineData("  \t ", "bad-request")]
    [InlineData("new\0", "not-text")]
    [InlineData("new \xC3\x28", "not-ascii")]
    [InlineData("format", "unknown-request")]
    [InlineData("NEW", "unknown-request")]
    [InlineData("send", "missing-word")]
    [InlineData("send disposable", "missing-word")]
    [InlineData("send personal 1 2", "surplus-word")]
    [InlineData("umount ok ok", "surplus-word")]
    [InlineData("cancel now", "surplus-word")]
    [InlineData("new big", "bad-number")]
    [InlineData("send personal 0", "bad-number")]
    [InlineData("send personal 2147483648", "bad-number")]
    [InlineData("send <b>", "bad-name")]
    [InlineData("send ../etc", "bad-name")]
    [InlineData("send nobody", "denied")]
    [InlineData("send work", "same-vm")]
    [InlineData("send Domain-0", "not-dom0")]
    [InlineData("killme", "denied")]
    [InlineData("umount", "no-pendrive")]
    [InlineData("new", "busy")]
    public void Each_mistake_has_its_code_one_line_in_the_journal_and_changes_nothing(string request, string code)
    {
        var letter = code is "denied" ? 'D' : code is "busy" ? 'b' : code is "no-pendrive" ? 'p' : '!';
        var played = Scenario.Check($"""
            work     : n----z--------
            personal : --------------
            work     > --A--{letter}--------
            disks    > mg------------
            """, says: ('z', request));

        Assert.Equal(code, played.Commands<ExchangeCommand.WriteStatus>().Last().Status.Code.Word());
        Assert.Equal(2, played.Commands<ExchangeCommand.Record>().Count());
        Assert.IsType<Stage.AtSender>(Assert.Single(played.State.Pendrives).Value.Stage);
    }

    [Fact]
    public void Two_thousand_and_forty_eight_bytes_are_too_long_and_the_journal_has_the_start_of_them_escaped()
    {
        var played = Scenario.Check("""
            work     : z--
            work     > !--
            """, says: ('z', new string('\n', 2048)));

        Assert.Equal(StatusCode.TooLong, played.Commands<ExchangeCommand.WriteStatus>().Single().Status.Code);
        var line = played.Commands<ExchangeCommand.Record>().Single().Report.Text;
        Assert.EndsWith("\\x0a\" and 1984 bytes more", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Theory]
    [InlineData(false, StatusCode.Denied, "not allowed")]
    [InlineData(true, StatusCode.NoSuchVm, "no VM runs under this name, or two do")]
    public void Whether_a_name_exists_is_told_to_the_journal_and_to_the_guest_only_if_names_are_revealed(
        bool reveal, StatusCode code, string text)
    {
        var played = Scenario.Check($"""
            work     : n----z--
            work     > --A--{(reveal ? 'v' : 'D')}--
            """, settings: new() { RevealNames = reveal }, says: ('z', "send nobody"));

        var status = played.Commands<ExchangeCommand.WriteStatus>().Last().Status;
        Assert.Equal((code, text), (status.Code, status.Text));
        Assert.Contains("no VM runs under this name", played.Commands<ExchangeCommand.Record>().Last().Report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Send_without_a_pendrive_and_cancel_without_anything_are_refused() => Scenario.Check("""
        work     : s--c--
        personal : ------
        work     > p--p--
        disks    > ------
        """).IsEmpty();

    [Fact]
    public void A_domain_that_appears_without_a_name_can_do_nothing_until_it_gets_one() => Scenario.Check("""
        work     : -A---n-------N---n------
        work     > -----!-------------A----
        disks    > -----------------mg-----
        """);

    [Fact]
    public void A_VM_whose_name_two_domains_bear_is_no_sender() => Scenario.Check("""
        work     : -2---n-------E---n------
        work     > -----!-------------A----
        disks    > -----------------mg-----
        """);
}
