using System.Security.Cryptography;
using Qfx.Streams.Exchange;
using Qfx.Tests.Guest.Copying;
using Qfx.Tests.Support;

namespace Qfx.Tests.EndToEnd;

/// <summary>Archive pendrives and moves, with the real programs over the real wire protocol.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_arrives_with_every_name_and_link_and_both_are_told(bool real)
    {
        await using var host = await Host.StartAsync(real);
        var (workDomain, work) = await host.CreateAsync("work");
        var (personalDomain, personal) = await host.CreateAsync("personal");
        Fill();

        var receiving = personal.ReceiveAsync(Cancel);
        var sent = await work.RunAsync("qvm-copy-to-vm", ["--archive", "personal", folder["tree"]], Cancel);
        Assert.True(sent == 0, string.Join('\n', host.Said));
        Assert.True(await receiving == 0, string.Join('\n', host.Said));

        await host.StatusAsync(workDomain, "received");
        await host.StatusAsync(personalDomain, "detached");
        Assert.Equal(Trees.Lines(folder.Path, modes: true), Trees.Lines(Path.Combine(personal.Incoming, "QubesIncoming/work"), modes: true));
        Assert.Empty(host.Spool);
        Assert.Contains(host.Said, line => line.Contains("from work in ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_move_deletes_the_source_after_the_receiver_has_everything()
    {
        await using var host = await Host.EmbeddedAsync();
        var (_, work) = await host.CreateAsync("work");
        var (_, personal) = await host.CreateAsync("personal");
        Fill();
        var before = Trees.Lines(folder.Path, modes: true);

        var receiving = personal.ReceiveAsync(Cancel);
        var moved = await work.RunAsync("qvm-move-to-vm", ["personal", folder["tree"]], Cancel);
        Assert.True(moved == 0, string.Join('\n', host.Said));
        Assert.Equal(0, await receiving);

        Assert.Empty(Trees.Lines(folder.Path));
        Assert.Equal(before, Trees.Lines(Path.Combine(personal.Incoming, "QubesIncoming/work"), modes: true));
    }

    [Fact]
    public async Task A_move_that_is_not_taken_deletes_nothing()
    {
        await using var host = await Host.EmbeddedAsync();
        var (_, work) = await host.CreateAsync("work");
        var (_, personal) = await host.CreateAsync("personal");
        Trees.Write(folder["tree"], "large", RandomNumberGenerator.GetBytes(2_000_000));
        Directory.CreateDirectory(personal.Incoming);
        File.WriteAllText(personal.Settings, "quota_mib = 1\n");
        var before = Trees.Lines(folder.Path);

        var receiving = personal.ReceiveAsync(Cancel);
        var moved = await work.RunAsync("qvm-move-to-vm", ["personal", folder["tree"]], Cancel);

        Assert.Equal(8, moved);
        Assert.Equal(1, await receiving);
        Assert.Equal(before, Trees.Lines(folder.Path));
        Assert.Empty(Trees.Lines(Path.Combine(personal.Incoming, "QubesIncoming/work")));
        Assert.Contains(host.Said, line => line.Contains("quota_mib", StringComparison.Ordinal));
        Assert.Contains(host.Said, line => line.Contains("nothing was deleted here. not-received", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_sent_is_said_before_anything_is_asked()
    {
        await using var host = await Host.EmbeddedAsync();
        var (_, work) = await host.CreateAsync("work");
        Trees.Write(folder["tree"], "what?", [1]);
        File.CreateSymbolicLink(folder["tree/link"], "what?");

        Assert.Equal(7, await work.RunAsync("qvm-copy-to-vm", ["personal", folder["tree"]], Cancel));

        Assert.Contains(host.Said, line => line.Contains("what? has a ? in its name", StringComparison.Ordinal));
        Assert.Contains(host.Said, line => line.Contains("link is a link", StringComparison.Ordinal));
        Assert.Contains(host.Said, line => line.Contains("--archive sends", StringComparison.Ordinal));
        Assert.Empty(host.Spool);
    }

    [Fact]
    public async Task What_cannot_be_sent_is_left_out_where_that_is_wanted()
    {
        Programs.Require("mcopy");
        await using var host = await Host.EmbeddedAsync();
        var (_, work) = await host.CreateAsync("work");
        var (_, personal) = await host.CreateAsync("personal");
        Trees.Write(folder["tree"], "what?", [1]);
        Trees.Write(folder["tree"], "good", [2]);

        var receiving = personal.ReceiveAsync(Cancel);
        Assert.Equal(0, await work.RunAsync("qvm-copy-to-vm", ["--skip", "personal", folder["tree"]], Cancel));
        Assert.Equal(0, await receiving);

        Assert.Equal([2], File.ReadAllBytes(Path.Combine(personal.Incoming, "work/tree/good")));
        Assert.False(File.Exists(Path.Combine(personal.Incoming, "work/tree/what?")));
        Assert.Contains(host.Said, line => line.Contains("Left out: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pendrive_has_the_size_that_the_files_need()
    {
        Programs.Require("mcopy");
        await using var host = await Host.EmbeddedAsync(new Qfx.Daemon.Dialogs.NobodyDialogs());
        var (workDomain, work) = await host.CreateAsync("work");
        using (var file = File.OpenHandle(folder["large"], FileMode.CreateNew, FileAccess.Write)) RandomAccess.SetLength(file, 200L << 20);
        using var stop = new CancellationTokenSource();
        var sending = work.RunAsync("qvm-copy-to-vm", ["personal", folder["large"]], stop.Token);
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Attached);
        Assert.InRange(new FileInfo(Assert.Single(host.Spool)).Length, 200L << 20, 210L << 20);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        _ = workDomain;
    }

    private void Fill()
    {
        Trees.Fill(folder["tree"]);
        Trees.Write(folder["tree"], "a:b?", [1]);
        File.CreateSymbolicLink(folder["tree/link"], "plain.txt");
    }
}
