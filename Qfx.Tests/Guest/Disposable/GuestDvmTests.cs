using System.Reactive.Linq;
using System.Security.Cryptography;
using Qfx.Daemon.Demo;

namespace Qfx.Tests.Guest.Disposable;

/// <summary>The guest's programs in an AppVM and in a disposable VM, as processes, against a dom0 that does what it is told.</summary>
public sealed class GuestDvmTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("report.txt", true)]
    [InlineData("it's \"quoted\" $(touch x) `id` ;&|<>*?", true)]
    [InlineData("two\nlines\tand a tab", true)]
    [InlineData("-rf", true)]
    [InlineData("Ελένη 写真 🙂.png", true)]
    [InlineData("a..b .. ...", true)]
    [InlineData("report.txt", false)]
    public async Task A_file_is_opened_in_a_disposable_VM_and_comes_back_as_it_was_changed_there(string name, bool answers)
    {
        await using var vms = await Vms.StartAsync("printf '%s, changed' \"$(cat \"$1\")\" > \"$1\"", answers);
        var file = vms.Document(name, "hello"u8);

        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", ["--", file], Cancel));
        await vms.BackAsync();

        Assert.Equal("hello, changed", await File.ReadAllTextAsync(file, Cancel));
        string[] requests = answers
            ? ["work: new raw", "work: send disposable 1", "disp1: umount ok", "disp1: new raw", "disp1: send work 1", "work: umount ok"]
            : ["work: new", "work: send disposable 1", "disp1: umount", "disp1: new", "disp1: send work 1", "work: umount"];
        await vms.RequestedAsync(requests[^1]);
        Assert.Equal(requests, vms.Dom0.Requests.Union(answers ? [] : ["disp1: umount"]).OrderBy(request => Array.IndexOf(requests, request)));
        Assert.Equal(["seq"], Directory.GetFiles(Path.Combine(vms.Work.Home, ".dvm")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_name_of_255_bytes_and_eight_MiB_come_back()
    {
        await using var vms = await Vms.StartAsync("printf more >> \"$1\"");
        var content = RandomNumberGenerator.GetBytes(8 << 20);
        var file = vms.Document(new string('é', 126) + ".md", content);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        await vms.BackAsync();
        byte[] more = [.. content, .. "more"u8];
        Assert.Equal(more, await File.ReadAllBytesAsync(file, Cancel));
    }

    [Theory]
    [InlineData(": > \"$1\"", "")]
    [InlineData("t=$(stat -c %y \"$1\"); printf HELLO > \"$1\"; touch -d \"$t\" \"$1\"", "HELLO")]
    [InlineData("printf new > \"$1.part\"; mv -- \"$1.part\" \"$1\"", "new")]
    public async Task An_edit_to_nothing_or_within_the_same_second_or_by_a_rename_comes_back_too(string editor, string after)
    {
        await using var vms = await Vms.StartAsync(editor);
        var file = vms.Document("a", "hello"u8);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetLastWriteTimeUtc(file, new DateTime(2021, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        await vms.BackAsync();
        Assert.Equal(after, await File.ReadAllTextAsync(file, Cancel));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(file));
        Assert.Equal(new DateTime(2021, 1, 2, 3, 4, 5, DateTimeKind.Utc), File.GetLastWriteTimeUtc(file));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("touch \"$1\"")]
    [InlineData("cat \"$1\" > \"$1.x\"; mv \"$1.x\" \"$1\"")]
    [InlineData("exit 3")]
    public async Task What_was_not_changed_does_not_come_back_and_the_VM_asks_for_its_end(string editor)
    {
        await using var vms = await Vms.StartAsync(editor);
        var file = vms.Document("a", "hello"u8);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        Assert.Equal(0, await vms.Dom0.ArrivalAsync("disp1"));
        await vms.RequestedAsync("disp1: killme");
        Assert.Equal(["work: new raw", "work: send disposable 1", "disp1: umount ok", "disp1: killme"], vms.Dom0.Requests);
        Assert.Equal("hello", await File.ReadAllTextAsync(file, Cancel));
    }

    [Theory]
    [InlineData("rm \"$1\"")]
    [InlineData("mv \"$1\" \"$1.elsewhere\"")]
    [InlineData("rm \"$1\"; mkfifo \"$1\"")]
    public async Task What_is_gone_may_have_been_saved_elsewhere_so_the_VM_stays_and_says_so(string editor)
    {
        await using var vms = await Vms.StartAsync(editor);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [vms.Document("a", "hello"u8)], Cancel));
        Assert.Equal(3, await vms.Dom0.ArrivalAsync("disp1"));
        Assert.Contains(vms.Dom0.Said, line => line.Contains("is not there any more", StringComparison.Ordinal) && line.Contains("stays until you end it", StringComparison.Ordinal));
        Assert.DoesNotContain("disp1: killme", vms.Dom0.Requests);
    }

    [Fact]
    public async Task An_application_whose_first_process_ends_at_once_is_waited_for()
    {
        // The opener ends while what it started, in a session of its own and without a parent, still waits for a file to appear.
        await using var vms = await Vms.StartAsync("""
            mkfifo "$TMPDIR/gate"
            setsid sh -c '(read -r _ < "$TMPDIR/gate"; printf later > "$1") &' sh "$1" &
            """);
        var file = vms.Document("a", "hello"u8);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        var gate = Path.Combine(vms.Dom0.Temporary, "gate");
        await Task.Run(() => OpenGate(gate), Cancel);
        await vms.BackAsync();
        Assert.Equal("later", await File.ReadAllTextAsync(file, Cancel));
    }

    [Theory]
    [InlineData("qvm-open-in-dvm", "--view-only")]
    [InlineData("qvm-view-in-dvm", null)]
    public async Task A_view_is_a_read_only_copy_and_nothing_of_it_comes_back(string program, string? option)
    {
        await using var vms = await Vms.StartAsync("stat -c %a \"$1\" > \"$TMPDIR/mode\"; chmod u+w \"$1\"; printf changed > \"$1\"");
        var file = vms.Document("a", "hello"u8);
        Assert.Equal(0, await vms.Work.RunAsync(program, option is null ? [file] : [option, file], Cancel));
        Assert.Equal(0, await vms.Dom0.ArrivalAsync("disp1"));
        await vms.RequestedAsync("disp1: killme");
        Assert.Equal("400\n", await File.ReadAllTextAsync(Path.Combine(vms.Dom0.Temporary, "mode"), Cancel));
        Assert.Equal(["work: new raw", "work: send disposable 1 view", "disp1: umount ok", "disp1: killme"], vms.Dom0.Requests);
        Assert.Equal(["seq"], Directory.GetFiles(Path.Combine(vms.Work.Home, ".dvm")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_answer_that_was_damaged_on_its_way_leaves_the_file_as_it_was_and_says_so()
    {
        await using var vms = await Vms.StartAsync("printf changed > \"$1\"");
        var file = vms.Document("a", "hello"u8);
        var way = 0;
        vms.Dom0.OnTheWay = image =>
        {
            using var bytes = File.OpenWrite(image);
            bytes.Position = 1024;
            if (++way == 2) bytes.WriteByte((byte)'X');
        };
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        Assert.NotEqual(0, await vms.BackExitAsync());
        Assert.Equal("hello", await File.ReadAllTextAsync(file, Cancel));
        Assert.Contains(vms.Dom0.Said, line => line.Contains("checksum", StringComparison.Ordinal));
        await vms.RequestedAsync("work: umount failed");
    }

    [Fact]
    public async Task If_the_file_is_gone_what_comes_back_lies_beside_it_and_the_person_is_told_where()
    {
        await using var vms = await Vms.StartAsync("printf changed > \"$1\"");
        var file = vms.Document("a.txt", "hello"u8);
        vms.Dom0.OnTheWay = _ => File.Delete(file);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        await vms.BackAsync();
        var kept = vms.Path("a (from a disposable VM).txt");
        Assert.Equal("changed", await File.ReadAllTextAsync(kept, Cancel));
        Assert.Contains(vms.Dom0.Said, line => line.Contains(kept, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_stays_a_link_and_the_file_that_it_leads_to_is_replaced()
    {
        await using var vms = await Vms.StartAsync("printf changed > \"$1\"");
        var file = vms.Document("real", "hello"u8);
        File.CreateSymbolicLink(vms.Path("link"), file);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [vms.Path("link")], Cancel));
        await vms.BackAsync();
        Assert.Equal(file, new FileInfo(vms.Path("link")).LinkTarget);
        Assert.Equal("changed", await File.ReadAllTextAsync(file, Cancel));
    }

    [Fact]
    public async Task An_answer_of_which_nothing_is_known_here_is_kept_in_the_home()
    {
        await using var vms = await Vms.StartAsync("printf changed > \"$1\"");
        var file = vms.Document("a", "hello"u8);
        vms.Dom0.OnTheWay = _ => Array.ForEach(Directory.GetFiles(Path.Combine(vms.Work.Home, ".dvm")), File.Delete);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        await vms.BackAsync();
        Assert.Equal("hello", await File.ReadAllTextAsync(file, Cancel));
        Assert.Equal("changed", await File.ReadAllTextAsync(Path.Combine(vms.Work.Home, "a (from a disposable VM)"), Cancel));
    }

    [Fact]
    public async Task A_name_that_the_disposable_VM_has_made_up_reaches_no_terminal_as_it_is()
    {
        await using var vms = await Vms.StartAsync("printf changed > \"$1\"");
        var way = 0;
        vms.Dom0.OnTheWay = image =>
        {
            if (++way < 2) return;
            Array.ForEach(Directory.GetFiles(Path.Combine(vms.Work.Home, ".dvm")), File.Delete);
            using var bytes = File.OpenWrite(image);
            bytes.Position = 8;
            bytes.Write("\u001b[2J\nx"u8);
        };
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [vms.Document("a", "hello"u8)], Cancel));
        await vms.BackAsync();

        Assert.Contains(vms.Dom0.Said, line => line.Contains("\\u001b[2J; x (from a disposable VM)", StringComparison.Ordinal));
        Assert.DoesNotContain(vms.Dom0.Said, line => line.Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_is_said_and_leaves_nothing()
    {
        await using var vms = await Vms.StartAsync("true", refuse: (_, request) => request.StartsWith("send", StringComparison.Ordinal) ? "busy two are enough" : null);
        var file = vms.Document("a", "hello"u8);
        Assert.Equal(3, await vms.Work.RunAsync("qvm-open-in-dvm", [file], Cancel));
        Assert.Contains(vms.Dom0.Said, line => line.Contains("busy: two are enough", StringComparison.Ordinal));
        Assert.Equal("work: cancel", vms.Dom0.Requests.Last());
        Assert.Equal(["seq"], Directory.GetFiles(Path.Combine(vms.Work.Home, ".dvm")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task If_what_was_changed_cannot_leave_the_disposable_VM_it_does_not_ask_for_its_end()
    {
        await using var vms = await Vms.StartAsync("printf changed > \"$1\"", refuse: (vm, request) => vm == "disp1" && request.StartsWith("new", StringComparison.Ordinal) ? "no-space full" : null);
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", [vms.Document("a", "hello"u8)], Cancel));
        Assert.Equal(3, await vms.Dom0.ArrivalAsync("disp1"));
        Assert.Contains(vms.Dom0.Said, line => line.Contains("no-space: full", StringComparison.Ordinal) && line.Contains("stays until you end it", StringComparison.Ordinal));
        Assert.DoesNotContain("disp1: killme", vms.Dom0.Requests);
    }

    [Fact]
    public async Task What_is_no_file_or_not_there_is_not_sent()
    {
        await using var vms = await Vms.StartAsync("true");
        Assert.Equal(2, await vms.Work.RunAsync("qvm-open-in-dvm", [vms.Path("none")], Cancel));
        Assert.Equal(2, await vms.Work.RunAsync("qvm-open-in-dvm", [vms.Work.Home], Cancel));
        Assert.Empty(vms.Dom0.Requests);
    }

    /// <summary>Lets the application go on, once it waits.</summary>
    private static void OpenGate(string gate)
    {
        using var appeared = new FileSystemWatcher(Path.GetDirectoryName(gate)!, "gate") { EnableRaisingEvents = true };
        if (!File.Exists(gate)) appeared.WaitForChanged(WatcherChangeTypes.Created, 30_000);
        using var writer = new StreamWriter(new FileStream(gate, FileMode.Open, FileAccess.Write));    // opens when the other side does
        writer.Write("go\n");
    }

    /// <summary>An AppVM called work, and a disposable VM called disp1.</summary>
    internal sealed class Vms : IAsyncDisposable
    {
        private Vms(ScriptedDom0 dom0, SimulatedVm work)
        {
            Dom0 = dom0;
            Work = work;
        }

        public ScriptedDom0 Dom0 { get; }

        public SimulatedVm Work { get; }

        /// <param name="editor">A shell script that opens a document, or null for what the VM has.</param>
        /// <param name="answers">False: a daemon of 2010.</param>
        /// <param name="refuse">See <see cref="ScriptedDom0.Refuse"/>.</param>
        /// <param name="environment">What programs in the disposable VM are told besides.</param>
        public static async Task<Vms> StartAsync(
            string? editor, bool answers = true, Func<string, string, string?>? refuse = null, params (string Name, string Value)[] environment)
        {
            var dom0 = await ScriptedDom0.StartAsync(answers, refuse);
            await File.WriteAllTextAsync(dom0["mark"], "", Cancel);
            var inDvm = new Dictionary<string, string> { ["QFX_DVM_MARK"] = dom0["mark"], ["TMPDIR"] = dom0.Temporary };
            if (editor is not null) inDvm["QFX_OPENER"] = Script(dom0["editor"], editor);
            foreach (var (name, value) in environment) inDvm[name] = value.Replace("{}", dom0["."], StringComparison.Ordinal);
            var work = await dom0.CreateAsync("work", new Dictionary<string, string> { ["QFX_DVM_MARK"] = dom0["no mark"] });
            await dom0.CreateAsync("disp1", inDvm);
            return new(dom0, work);
        }

        public string Path(string name) => System.IO.Path.Combine(Work.Home, name);

        public string Document(string name, ReadOnlySpan<byte> content)
        {
            File.WriteAllBytes(Path(name), content);
            return Path(name);
        }

        public async Task BackAsync() => Assert.True(await BackExitAsync() == 0, string.Join('\n', Dom0.Said));

        /// <summary>Ends when what came back was taken, or refused.</summary>
        public async Task<int> BackExitAsync()
        {
            Assert.True(await Dom0.ArrivalAsync("disp1") == 0, string.Join('\n', Dom0.Said));
            return await Dom0.ArrivalAsync("work");
        }

        /// <summary>A request that nobody waits for an answer to.</summary>
        public async Task RequestedAsync(string request) =>
            await Dom0.Requested.FirstAsync(each => each == request).Timeout(TimeSpan.FromSeconds(60)).RunAsync(Cancel);

        public ValueTask DisposeAsync() => Dom0.DisposeAsync();

        public static string Script(string path, string text)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
            return path;
        }
    }
}
