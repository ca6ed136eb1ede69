using Microsoft.Extensions.Logging;
using Qfx.Daemon.Logging;
using Qfx.Tests.Compat.Journald;
using Serilog;
using Serilog.Extensions.Logging;

namespace Qfx.Tests.Daemon.Logging;

/// <summary>A message is known by its number in the journal.</summary>
public sealed class MessageIdTests : IDisposable
{
    private readonly FakeJournal journal = new();
    private readonly SerilogLoggerFactory logs;

    public MessageIdTests() => logs = new(
        new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Journald("qfilexchgd", "QFX_", journal.Path, messageId: MessageIds.Of).CreateLogger(), dispose: true);

    public void Dispose()
    {
        logs.Dispose();
        journal.Dispose();
    }

    [Fact]
    public void An_entry_has_the_id_of_its_kind_and_its_fields()
    {
        logs.CreateLogger("Qfx").Done("work", 7, "p1", "-> personal", "sent", "the receiver has it");

        var fields = journal.Read();
        Assert.Contains(("MESSAGE_ID", MessageIds.Of(3001)), fields);
        Assert.Contains(("QFX_VM", "work"), fields);
        Assert.Contains(("QFX_EVENTID_ID", "3001"), fields);
    }

    [Fact]
    public void What_others_log_has_none()
    {
        logs.CreateLogger("Other").Log(LogLevel.Warning, 9999, "something", null, (text, _) => text);

        Assert.DoesNotContain("MESSAGE_ID", journal.Read().Select(field => field.Item1));
    }

    [Fact]
    public void An_id_is_32_hexadecimal_digits()
    {
        Assert.All(Explanations.All.Keys, number => Assert.Matches("^[0-9a-f]{32}$", MessageIds.Of(number)));
        Assert.Equal("9d1c7a52e04b4f6b8c3f0a6de7513001", MessageIds.Of(3001));    // as it was when it was first shipped
    }
}
