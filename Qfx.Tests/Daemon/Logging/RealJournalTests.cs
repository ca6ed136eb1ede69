using System.Diagnostics;
using System.Text.Json;
using Qfx.Daemon.Logging;
using Qfx.Tests.Support;
using Serilog;
using Serilog.Extensions.Logging;

namespace Qfx.Tests.Daemon.Logging;

/// <summary>systemd's own journald takes what is sent, and journalctl finds it.</summary>
public sealed class RealJournalTests : IAsyncDisposable
{
    private const string Journald = "/lib/systemd/systemd-journald";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>In mounts of its own: its socket and its files are in folders of this test.</summary>
    private const string Start = $"""
        set -e
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/journal /run/log/journal
        mount --bind "$1" /run/systemd/journal
        mount --bind "$2" /run/log/journal
        [ -s /etc/machine-id ] || mount --bind "$3" /etc/machine-id
        exec {Journald}
        """;

    /// <summary>The catalog is compiled where nobody else sees it.</summary>
    private const string Explain = """
        set -e
        mount -t tmpfs tmpfs /usr/lib/systemd/catalog
        mkdir -p /var/lib/systemd/catalog
        mount -t tmpfs tmpfs /var/lib/systemd/catalog
        cp "$1" /usr/lib/systemd/catalog
        journalctl --update-catalog
        journalctl --no-pager -x -D "$2" QFX_VM=work
        """;

    private readonly TempFolder folder = new();
    private Process? journald;

    public async ValueTask DisposeAsync()
    {
        if (journald is not null)
        {
            journald.Kill();
            await journald.WaitForExitAsync();
            journald.Dispose();
        }

        folder.Dispose();
    }

    [Fact]
    public async Task A_VMs_story_is_found_by_its_name_explained_and_whole_however_long()
    {
        var files = await StartAsync();
        var long1 = new string('x', 1 << 20);
        using (var logs = new SerilogLoggerFactory(new LoggerConfiguration()
            .WriteTo.Journald("qfilexchgd", "QFX_", Path.Combine(folder["socket"], "socket"), messageId: MessageIds.Of).CreateLogger(), dispose: true))
        {
            var log = logs.CreateLogger("Qfx");
            log.Done("personal", 2, "p1", "", "detached", "xvdh");
            log.Done("work", 1, "p1", "-> personal", "sent", "the receiver has it");
            log.Trouble("work", 1, "p2", "-> personal", "failed", long1);
        }

        var story = await StoryAsync(files, "work", 2);

        Assert.Equal(["sent", "failed"], story.Select(entry => Text(entry, "QFX_CODE")));
        Assert.Equal(["6", "4"], story.Select(entry => Text(entry, "PRIORITY")));
        Assert.Equal([MessageIds.Of(3001), MessageIds.Of(3003)], story.Select(entry => Text(entry, "MESSAGE_ID")));
        Assert.Equal(["work (1) p1 -> personal: sent: the receiver has it", $"work (1) p2 -> personal: failed: {long1}"], story.Select(entry => Text(entry, "MESSAGE")));

        var (exit, explained) = await Programs.RunAsync(
            "unshare", ["-m", "sh", "-c", Explain, "sh", Path.Combine(Sources.Root(), "packaging/dom0/qfilexchgd.catalog"), files]);
        Assert.Equal(0, exit);
        Assert.Contains($"Subject: {Explanations.All[3001].Subject}", explained, StringComparison.Ordinal);
    }

    private async Task<string> StartAsync()
    {
        if (!File.Exists(Journald)) Assert.Skip("systemd-journald is not installed.");
        if (Environment.UserName != "root") Assert.Skip("Only root can have mounts of its own.");
        Programs.Require("journalctl", "unshare");
        foreach (var name in new[] { "socket", "files" }) Directory.CreateDirectory(folder[name]);
        await File.WriteAllTextAsync(folder["machine-id"], "0123456789abcdef0123456789abcdef\n", TestContext.Current.CancellationToken);
        using var seen = new FileSystemWatcher(folder["socket"]);
        var there = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        seen.Created += (_, created) =>
        {
            if (created.Name == "socket") there.TrySetResult();
        };
        seen.EnableRaisingEvents = true;
        journald = Process.Start(new ProcessStartInfo("unshare", ["-m", "sh", "-c", Start, "sh", folder["socket"], folder["files"], folder["machine-id"]])
        {
            RedirectStandardError = true,
        })!;
        var ended = journald.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (await Task.WhenAny(there.Task, ended).WaitAsync(Patience, TestContext.Current.CancellationToken) == ended)
            Assert.Skip($"journald does not start here: {await journald.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        return folder["files"];
    }

    /// <summary>Follows the journal until it has so many entries of a VM. journalctl ends at once where there is none of this boot yet: then again.</summary>
    private static async Task<List<JsonElement>> StoryAsync(string files, string vm, int entries)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            var story = new List<JsonElement>();
            using var journalctl = Process.Start(new ProcessStartInfo("journalctl", ["-D", files, "-f", "-n", "all", "-o", "json", "--all", $"QFX_VM={vm}"])
            {
                RedirectStandardOutput = true,
            })!;
            try
            {
                while (story.Count < entries && await journalctl.StandardOutput.ReadLineAsync(limit.Token) is { } line) story.Add(JsonDocument.Parse(line).RootElement.Clone());
            }
            finally
            {
                journalctl.Kill();
                await journalctl.WaitForExitAsync(CancellationToken.None);
            }

            if (story.Count == entries) return story;
        }
    }

    private static string? Text(JsonElement entry, string field) => entry.GetProperty(field).GetString();
}
