using Qfx.Daemon.Logging;
using Qfx.Tests.Support;
using Serilog;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Qfx.Tests.Compat.Journald;

/// <summary>What reaches the journal.</summary>
public sealed class JournaldSinkTests : IDisposable
{
    private readonly FakeJournal journal = new();
    private readonly Serilog.Core.Logger log;

    public JournaldSinkTests() => log = new LoggerConfiguration().MinimumLevel.Verbose()
        .WriteTo.Journald("qfilexchgd", "QFX_", journal.Path).CreateLogger();

    [Fact]
    public void An_event_is_an_entry_with_a_field_for_each_property()
    {
        log.Information("Attached {Disk} to domain {Domid} in {ElapsedMs} ms", "xvdg", 7, 12.5);

        Assert.Equal(
        [
            ("MESSAGE", "Attached xvdg to domain 7 in 12.5 ms"),
            ("PRIORITY", "6"),
            ("SYSLOG_IDENTIFIER", "qfilexchgd"),
            ("MESSAGE_TEMPLATE", "Attached {Disk} to domain {Domid} in {ElapsedMs} ms"),
            ("QFX_DISK", "xvdg"),
            ("QFX_DOMID", "7"),
            ("QFX_ELAPSEDMS", "12.5"),
        ], journal.Read());
        Assert.Null(journal.Seals);
    }

    [Theory]
    [InlineData(LogEventLevel.Verbose, "7")]
    [InlineData(LogEventLevel.Debug, "7")]
    [InlineData(LogEventLevel.Information, "6")]
    [InlineData(LogEventLevel.Warning, "4")]
    [InlineData(LogEventLevel.Error, "3")]
    [InlineData(LogEventLevel.Fatal, "2")]
    public void A_level_is_a_syslog_priority(LogEventLevel level, string priority)
    {
        log.Write(level, "x");

        Assert.Equal(priority, Field("PRIORITY"));
    }

    [Theory]
    [InlineData("two\nlines\n")]
    [InlineData("a NUL \0 and a bell \a")]
    [InlineData("\nMESSAGE=forged\nPRIORITY=0")]
    [InlineData("höher, 高い")]
    [InlineData("=")]
    [InlineData("")]
    public void A_value_arrives_as_it_was_and_can_make_no_field_of_its_own(string value)
    {
        log.Information("It said {What}", value);

        var fields = journal.Read();
        Assert.Equal(["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE_TEMPLATE", "QFX_WHAT"], fields.Select(field => field.Name));
        Assert.Equal("It said " + value, fields[0].Value);
        Assert.Equal(value, fields[^1].Value);
    }

    [Theory]
    [InlineData("a-b.c d", "QFX_A_B_C_D")]
    [InlineData("_TRANSPORT", "QFX__TRANSPORT")]
    [InlineData("größe", "QFX_GR__E")]
    [InlineData("a=b\nc", "QFX_A_B_C")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop", "QFX_ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH")]
    public void The_name_of_a_property_becomes_one_that_journald_takes(string property, string field)
    {
        log.ForContext(property, "x").Information("y");

        Assert.Equal((field, "x"), journal.Read()[^1]);
    }

    [Fact]
    public void Without_a_prefix_no_property_covers_a_field_of_the_sink_or_one_of_journalds_own()
    {
        using var bare = new LoggerConfiguration().WriteTo.Journald("qfilexchgd", socketPath: journal.Path).CreateLogger();

        bare.ForContext("Priority", "0").ForContext("_UID", "0").ForContext("1st", "z").Information("x");

        var fields = journal.Read();
        Assert.Equal("6", Assert.Single(fields, field => field.Name == "PRIORITY").Value);
        Assert.Contains(("PRIORITY_", "0"), fields);
        Assert.Contains(("UID", "0"), fields);
        Assert.Contains(("F_1ST", "z"), fields);
    }

    [Fact]
    public void An_exception_ends_the_message_and_is_whole_in_a_field_of_its_own()
    {
        log.Fatal(new IOException("the disk is full"), "Cannot go on");

        var fields = journal.Read();
        Assert.Equal("Cannot go on: IOException: the disk is full", fields[0].Value);
        Assert.Contains(("EXCEPTION", "System.IO.IOException: the disk is full"), fields);
    }

    [Fact]
    public void The_number_of_a_message_is_a_field_to_filter_on()
    {
        using var provider = new SerilogLoggerProvider(log);

        provider.CreateLogger("Qfx").Stopped();

        var fields = journal.Read();
        Assert.Contains(("QFX_EVENTID_ID", "1002"), fields);
        Assert.Contains(("QFX_EVENTID_NAME", "Stopped"), fields);
        Assert.Contains(("QFX_SOURCECONTEXT", "Qfx"), fields);
    }

    [Fact]
    public void Lists_are_one_field_and_what_is_null_is_none()
    {
        log.Information("{Names} {Nobody}", (List<string>)["work", "personal"], null);

        var fields = journal.Read();
        Assert.Contains(("QFX_NAMES", """["work", "personal"]"""), fields);
        Assert.DoesNotContain(fields, field => field.Name == "QFX_NOBODY");
    }

    [Theory]
    [InlineData(50_000, false)]
    [InlineData(1 << 20, true)]
    [InlineData(10 << 20, true)]
    public void An_entry_too_large_for_a_datagram_comes_in_a_sealed_file(int length, bool file)
    {
        var large = string.Create(length, 0, (text, _) => text.Fill('y'));

        log.Information("{Large}", large);

        var fields = journal.Read();
        Assert.Equal(large, fields[0].Value);
        Assert.Equal(large, fields[^1].Value);
        // F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE
        Assert.Equal(file ? 0xF : null, journal.Seals);
    }

    [Fact]
    public void Entries_from_many_threads_are_whole_and_none_is_missing()
    {
        const int Rounds = 200;
        const int Writers = 4;    // fewer than a socket queues, so that none has to wait
        for (var round = 0; round < Rounds; round++)
        {
            Parallel.For(0, Writers, writer => log.Information("{Writer} {Number}", writer, round));

            var seen = Enumerable.Range(0, Writers).Select(_ => Field("MESSAGE")).Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(Enumerable.Range(0, Writers).Select(writer => $"{writer} {round}"), seen);
        }
    }

    [Fact]
    public void A_journal_that_is_away_costs_its_entries_and_nothing_else_and_is_found_again()
    {
        using var folder = new TempFolder();
        var path = folder["socket"];
        using var told = new StringWriter();
        using var lonely = new LoggerConfiguration().WriteTo.Journald("qfilexchgd", socketPath: path).CreateLogger();
        SelfLog.Enable(TextWriter.Synchronized(told));
        try
        {
            lonely.Information("nobody hears this");
        }
        finally
        {
            SelfLog.Disable();
        }

        File.CreateSymbolicLink(path, journal.Path);
        lonely.Information("but this");

        Assert.Contains("the journal did not take an entry", told.ToString(), StringComparison.Ordinal);
        Assert.Equal("but this", Field("MESSAGE"));
    }

    [Fact]
    public void An_event_after_the_end_is_lost_in_silence()
    {
        log.Dispose();

        log.Information("too late");
    }

    public void Dispose()
    {
        log.Dispose();
        journal.Dispose();
    }

    private string Field(string name) => journal.Read().Single(field => field.Name == name).Value;
}
