using Qfx.Daemon.Options;

namespace Qfx.Tests.Daemon.Options;

public class OptionsFileTests
{
    [Fact]
    public void An_empty_file_is_the_defaults_and_they_are_valid()
    {
        var (options, problems) = OptionsFile.Parse("");

        Assert.Empty(problems);
        Assert.Equal(new DaemonOptions().Exchange, options.Exchange);
    }

    [Fact]
    public void Every_setting_is_read()
    {
        var (options, problems) = OptionsFile.Parse("""
            [store]
            socket = /tmp/s
            [spool]
            folder = /tmp/spool
            max_mib = 4096
            [devices]
            kind = xl
            xl = /opt/xl
            script = /opt/script
            folder = /tmp/devices
            [questions]
            ask = terminal
            [pendrive]
            size_mib = 512
            min_mib = 64
            max_mib = 2048
            waiting = 3
            [domains]
            exclude = sys-net, sys-usb
            reveal_names = yes
            [time]
            question = 90s
            unshown = 2h
            waiting = 3d
            detach = 1m
            effect = 5s
            """);

        Assert.Empty(problems);
        Assert.Equal(("/tmp/s", "/tmp/spool", "/tmp/devices", QuestionKind.Terminal),
            (options.StoreSocket, options.Spool, options.DevicesFolder, options.Questions));
        Assert.Equal((DeviceKind.Xl, "/opt/xl", "/opt/script", 4096), (options.Devices, options.Xl, options.VbdScript, options.SpoolMiB));
        Assert.Equal(["sys-net", "sys-usb"], options.Excluded);
        var e = options.Exchange;
        Assert.Equal((512, 64, 2048, 3, true), (e.SizeMiB, e.MinMiB, e.MaxMiB, e.WaitingPerReceiver, e.RevealNames));
        Assert.Equal((90, 7200, 259200, 60, 5), (e.QuestionLimit.TotalSeconds, e.UnshownLimit.TotalSeconds, e.WaitingLimit.TotalSeconds,
            e.DetachLimit.TotalSeconds, e.EffectLimit.TotalSeconds));
    }

    [Theory]
    [InlineData("ask = command\ncommand = /usr/bin/ask", null)]
    [InlineData("ask = command\ncommand = ask", "questions command is 'ask': with ask = command it must be an absolute path")]
    [InlineData("ask = command", "questions command is '': with ask = command it must be an absolute path")]
    public void A_program_that_asks_needs_its_place(string text, string? problem)
    {
        var (options, problems) = OptionsFile.Parse("[questions]\n" + text);

        Assert.Equal(QuestionKind.Command, options.Questions);
        Assert.Equal(problem is null ? [] : [problem], problems);
    }

    [Fact]
    public void Every_fault_is_told_at_once_with_the_value_found_and_what_is_allowed()
    {
        var (_, problems) = OptionsFile.Parse("""
            [spool]
            folder = spool
            [pendrive]
            size_mib = big
            min_mib = 1
            max_mib = 9999999
            [questions]
            ask = everybody
            [time]
            detach = 0s
            effect = soon
            [nonsense]
            key = 1
            """);

        Assert.Equal(
        [
            "questions ask is 'everybody': it must be none or terminal or command or desktop",
            "pendrive size_mib is 'big': it must be a whole number",
            "time effect is 'soon': it must be a number and one of s, m, h, d, such as 30s",
            "nonsense key is no setting",
            "spool folder is 'spool': it must be an absolute path",
            "pendrive min_mib is 1: 40 to 524288 are allowed",
            "pendrive max_mib is 9999999: 40 to 524288 are allowed",
            "time detach is 00:00:00: 00:00:01 to 01:00:00 are allowed",
        ], problems);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_line_that_is_none_are_faults()
    {
        Assert.StartsWith("/nowhere/qfx.conf cannot be read", Assert.Single(OptionsFile.Read("/nowhere/qfx.conf").Problems), StringComparison.Ordinal);
        Assert.Contains("what is this", Assert.Single(OptionsFile.Parse("what is this").Problems), StringComparison.Ordinal);
    }
}
