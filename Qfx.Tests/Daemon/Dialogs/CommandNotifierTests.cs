using Qfx.Daemon.Dialogs;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Dialogs;

public class CommandNotifierTests
{
    private static readonly ExchangeCommand.Notify NoRoom = new(NoticeKind.NoRoom, VmName.Parse("work"), null, null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_is_given_a_heading_and_what_happened()
    {
        using var folder = new TempFolder();
        var program = await Programs.ScriptAsync(folder["tell"], $"printf '%s|' \"$@\" >{folder["told"]}");

        await new CommandNotifier(program).TellAsync(NoRoom, Cancel);

        Assert.Equal("No room|There is no room in dom0 for a pendrive of work. Make room in the spool's file system.|", await File.ReadAllTextAsync(folder["told"], Cancel));
    }

    [Fact]
    public async Task One_that_fails_has_told_nobody()
    {
        using var folder = new TempFolder();
        var program = await Programs.ScriptAsync(folder["tell"], "exit 3");

        var error = await Assert.ThrowsAsync<IOException>(() => new CommandNotifier(program).TellAsync(NoRoom, Cancel));

        Assert.Contains("exit code 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_there_has_told_nobody_either() =>
        await Assert.ThrowsAsync<IOException>(() => new CommandNotifier("/nonexistent/tell").TellAsync(NoRoom, Cancel));
}
