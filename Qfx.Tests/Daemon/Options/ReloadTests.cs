using System.Reactive;
using System.Reactive.Subjects;
using Qfx.Daemon.Options;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Options;

/// <summary>The configuration is read again while the daemon runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly Subject<Unit> reasons = new();
    private readonly List<DaemonOptions> taken = [];
    private readonly LogLines log = new();
    private readonly IDisposable reading;
    private string text = "[pendrive]\nsize_mib = 100\n";

    public ReloadTests()
    {
        reading = Reload.Options(reasons, () => OptionsFile.Parse(text), OptionsFile.Parse(text).Options, log).Subscribe(taken.Add);
    }

    public void Dispose()
    {
        reading.Dispose();
        reasons.Dispose();
    }

    [Fact]
    public void What_can_change_while_it_runs_is_taken_over()
    {
        Read("[pendrive]\nsize_mib = 200\n[time]\nquestion = 1m\n[labels]\nwork = red\n");

        var now = Assert.Single(taken);
        Assert.Equal((200, 60), (now.Exchange.SizeMiB, now.Exchange.QuestionLimit.TotalSeconds));
        Assert.Equal("red", Assert.Single(now.Vms).Value.Label);
        Assert.Equal("Configuration read again; changed: pendrive size_mib = 200, time question = 1m", Assert.Single(log.Lines));
    }

    [Fact]
    public void What_cannot_stays_and_the_journal_says_so()
    {
        Read("[pendrive]\nsize_mib = 100\n[spool]\nfolder = /elsewhere\n");

        Assert.Equal("/var/lib/qfx/spool", Assert.Single(taken).Spool);
        Assert.Equal(["Configuration: spool folder = /elsewhere holds from the next start of the daemon", "Configuration read again; changed: nothing"], log.Lines);
    }

    [Fact]
    public void With_a_fault_nothing_changes_and_the_next_good_one_does()
    {
        Read("[pendrive]\nsize_mib = 0\n");
        Assert.Empty(taken);
        Assert.Equal(["Configuration: pendrive size_mib is 0: min_mib to max_mib, 40 to 16384, are allowed",
            "Configuration: what is in the files now cannot be used; nothing was changed"], log.Lines);

        Read("[pendrive]\nsize_mib = 300\n");
        Assert.Equal(300, Assert.Single(taken).Exchange.SizeMiB);
    }

    [Fact]
    public void A_line_that_is_gone_is_the_default_again()
    {
        Read("");

        Assert.Equal(1024, Assert.Single(taken).Exchange.SizeMiB);
    }

    private void Read(string now)
    {
        text = now;
        reasons.OnNext(Unit.Default);
    }
}
