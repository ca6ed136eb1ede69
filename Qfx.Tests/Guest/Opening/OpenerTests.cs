using Vms = Qfx.Tests.Guest.Disposable.GuestDvmTests.Vms;

namespace Qfx.Tests.Guest.Opening;

/// <summary>Which application opens a document in a disposable VM.</summary>
public sealed class OpenerTests
{
    private const string Name = "it's \"a\" $(touch x)\n.txt";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mimeopen_is_asked_first_with_the_file_as_one_word_of_its_arguments()
    {
        await using var vms = await WithAsync(("mimeopen", "printf '%s|' \"$@\" > \"$TMPDIR/arguments\"; printf changed > \"$3\""));
        await OpenAsync(vms);
        var words = (await File.ReadAllTextAsync(Path.Combine(vms.Dom0.Temporary, "arguments"), Cancel)).Split('|');
        Assert.Equal(["-n", "-M", words[2], ""], words);
        Assert.Equal(Name, Path.GetFileName(words[2]));
        await vms.BackAsync();
    }

    [Fact]
    public async Task Without_mimeopen_it_is_the_application_that_the_desktop_has_for_the_kind()
    {
        await using var vms = await WithAsync(
            ("gio", "case $1 in info) printf 'attributes:\\n  standard::content-type: text/x-test\\n';; *) exit 1;; esac"),
            ("xdg-mime", "[ \"$*\" = 'query default text/x-test' ] && echo org.test-editor.desktop"),
            ("editor", "printf '%s' \"$1\" > \"$TMPDIR/arguments\"; printf changed > \"$2\""));
        Desktop(vms, "org.test-editor.desktop");
        await OpenAsync(vms);
        Assert.Equal("--edit", await File.ReadAllTextAsync(Path.Combine(vms.Dom0.Temporary, "arguments"), Cancel));
        await vms.BackAsync();
    }

    [Fact]
    public async Task Where_mimeopen_knows_none_the_desktops_is_taken_and_gio_says_it_where_xdg_mime_is_missing()
    {
        await using var vms = await WithAsync(
            ("mimeopen", "echo 'No applications found for mimetype: text/x-test' >&2; exit 5"),
            ("gio", "case $1 in info) echo '  standard::content-type: text/x-test';; mime) echo 'Default application for “text/x-test”: test.desktop';; esac"),
            ("editor", "printf changed > \"$2\""));
        Desktop(vms, "test.desktop");
        await OpenAsync(vms);
        await vms.BackAsync();
    }

    [Fact]
    public async Task An_application_that_fails_after_mimeopen_started_it_is_not_started_again()
    {
        await using var vms = await WithAsync(
            ("mimeopen", "echo \"Opening \\\"$3\\\" with Test  (text/x-test)\"; exit 1"),
            ("gio", "echo '  standard::content-type: text/x-test'"),
            ("xdg-mime", "echo test.desktop"),
            ("editor", "printf changed > \"$2\""));
        Desktop(vms, "test.desktop");
        await OpenAsync(vms);
        await vms.RequestedAsync("disp1: killme");
        Assert.DoesNotContain("disp1: new raw", vms.Dom0.Requests);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("echo '  standard::content-type: ../../x'")]
    [InlineData("echo '  standard::content-type: text/x-test'")]
    public async Task Where_nothing_opens_it_the_person_is_told_and_the_VM_asks_for_its_end(string gio)
    {
        await using var vms = await WithAsync(("gio", gio), ("xdg-mime", "echo ../evil.desktop"));
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", ["--", vms.Document(Name, "hello"u8)], Cancel));
        Assert.Equal(6, await vms.Dom0.ArrivalAsync("disp1"));
        Assert.Contains(vms.Dom0.Said, line => line.Contains("No application here opens it's \"a\" $(touch x); .txt", StringComparison.Ordinal));
        await vms.RequestedAsync("disp1: killme");
    }

    private static async Task OpenAsync(Vms vms)
    {
        Assert.Equal(0, await vms.Work.RunAsync("qvm-open-in-dvm", ["--", vms.Document(Name, "hello"u8)], Cancel));
        Assert.True(await vms.Dom0.ArrivalAsync("disp1") == 0, string.Join('\n', vms.Dom0.Said));
    }

    /// <summary>A disposable VM whose programs are these, and cat and the like.</summary>
    private static async Task<Vms> WithAsync(params (string Name, string Script)[] programs)
    {
        var vms = await Vms.StartAsync(null, answers: true, null, ("PATH", "{}/bin:{}/tools"), ("XDG_DATA_HOME", "{}/data"), ("XDG_DATA_DIRS", "{}/data"), ("DISPLAY", ""));
        Directory.CreateDirectory(vms.Dom0["tools"]);
        foreach (var tool in new[] { "sh", "printf", "cat" }) File.CreateSymbolicLink(vms.Dom0[$"tools/{tool}"], $"/usr/bin/{tool}");
        foreach (var (name, script) in programs) Vms.Script(vms.Dom0[$"bin/{name}"], script);
        return vms;
    }

    private static void Desktop(Vms vms, string id)
    {
        Directory.CreateDirectory(vms.Dom0["data/applications"]);
        File.WriteAllText(vms.Dom0[$"data/applications/{id}"], "[Desktop Entry]\nType=Application\nName=Test\nExec=editor --edit %f\n");
    }
}
