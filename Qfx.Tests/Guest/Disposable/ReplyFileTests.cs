using System.Security.Cryptography;
using System.Text;
using Qfx.Guest;
using Qfx.Guest.Disposable;
using Qfx.Guest.Raw;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Roles;

namespace Qfx.Tests.Guest.Disposable;

public sealed class ReplyFileTests : IDisposable
{
    private static readonly byte[] Before = "what it was"u8.ToArray();
    private static readonly byte[] After = "what it became"u8.ToArray();

    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Home => folder["home"];

    public ReplyFileTests()
    {
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(folder["work"]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_whole_answer_takes_the_place_of_the_original_which_keeps_mode_and_times()
    {
        var original = Original("report.txt");
        File.SetUnixFileMode(original, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var time = new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(1234567);
        File.SetLastWriteTimeUtc(original, time);

        Assert.Equal((original, null), await TakeAsync(original, After));

        Assert.Equal(After, File.ReadAllBytes(original));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(original));
        Assert.Equal(time, File.GetLastWriteTimeUtc(original));
        AssertAlone(original);
    }

    [Fact]
    public async Task A_file_that_was_edited_to_nothing_comes_back_empty()
    {
        var original = Original("a");
        Assert.Equal((original, null), await TakeAsync(original, []));
        Assert.Equal([], File.ReadAllBytes(original));
    }

    [Theory]
    [InlineData("it's \"quoted\" $(x) `y`")]
    [InlineData("two\nlines")]
    [InlineData("-rf")]
    [InlineData("Ελένη 写真 🙂")]
    public async Task Any_name_comes_back(string name)
    {
        var original = Original(name);
        Assert.Equal((original, null), await TakeAsync(original, After));
        Assert.Equal(After, File.ReadAllBytes(original));
    }

    [Fact]
    public async Task A_name_of_255_bytes_comes_back_and_is_kept_beside_itself_if_it_must()
    {
        var name = new string('é', 125) + ".text";
        var original = Original(name);
        Assert.Equal(255, Encoding.UTF8.GetByteCount(name));
        Assert.Null((await TakeAsync(original, After)).Why);
        File.Delete(original);
        var (kept, _) = await TakeAsync(original, After);
        Assert.InRange(Encoding.UTF8.GetByteCount(Path.GetFileName(kept)), 240, 255);
        Assert.EndsWith(" (from a disposable VM).text", kept, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(0, true)]
    public async Task One_that_is_cut_short_or_damaged_leaves_the_original_as_it_was(int length, bool summed)
    {
        var original = Original("a.txt");
        byte[] pendrive = [.. new RawHeader(After.Length, "a.txt", summed ? SHA256.HashData(After) : null).Encode(), .. After[..length]];
        await Assert.ThrowsAsync<GuestException>(() => ReplyFile.TakeAsync(new MemoryStream(pendrive), original, null, Home, Cancel));
        byte[] damaged = [.. new RawHeader(After.Length, "a.txt", SHA256.HashData(Before)).Encode(), .. After];
        await Assert.ThrowsAsync<GuestException>(() => ReplyFile.TakeAsync(new MemoryStream(damaged), original, null, Home, Cancel));
        Assert.Equal(Before, File.ReadAllBytes(original));
        AssertAlone(original);
    }

    [Fact]
    public async Task If_the_original_is_gone_the_answer_is_kept_beside_where_it_was()
    {
        var original = folder["work/report.final.txt"];
        var (first, why) = await TakeAsync(original, After);
        Assert.Equal(folder["work/report.final (from a disposable VM).txt"], first);
        Assert.Equal("the file that was sent is gone", why);
        Assert.Equal(folder["work/report.final (from a disposable VM) 2.txt"], (await TakeAsync(original, After)).Path);
        Assert.Equal(After, File.ReadAllBytes(first));
        Assert.False(File.Exists(original));
    }

    [Fact]
    public async Task If_its_folder_is_gone_the_answer_is_kept_in_the_home()
    {
        var (path, why) = await TakeAsync(folder["gone/a"], After);
        Assert.Equal(folder["home/a (from a disposable VM)"], path);
        Assert.Contains("folder is gone", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_the_original_was_changed_here_meanwhile_both_are_kept()
    {
        var original = Original("a");
        var (path, why) = await TakeAsync(original, After, sent: SHA256.HashData("what was sent"u8));
        Assert.Contains("changed here meanwhile", why, StringComparison.Ordinal);
        Assert.Equal(After, File.ReadAllBytes(path));
        Assert.Equal(Before, File.ReadAllBytes(original));
    }

    [Fact]
    public async Task A_link_or_a_folder_in_the_place_of_the_original_is_not_touched()
    {
        var target = Original("target");
        File.CreateSymbolicLink(folder["work/a"], target);
        Directory.CreateDirectory(folder["work/b"]);
        Assert.Contains("something else", (await TakeAsync(folder["work/a"], After)).Why, StringComparison.Ordinal);
        Assert.Contains("something else", (await TakeAsync(folder["work/b"], After)).Why, StringComparison.Ordinal);
        Assert.Equal(Before, File.ReadAllBytes(target));
    }

    [Fact]
    public async Task An_original_that_may_not_be_written_to_stays()
    {
        var original = Original("a");
        File.SetUnixFileMode(original, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        foreach (var each in new[] { folder.Path, folder["work"] }) File.SetUnixFileMode(each, (UnixFileMode)0b111_111_111);
        using var nobody = Role.Start("reply-as-nobody", original, Home);
        var said = await nobody.StandardOutput.ReadToEndAsync(Cancel);
        var errors = await nobody.StandardError.ReadToEndAsync(Cancel);
        Assert.True(said == $"{folder["work/a (from a disposable VM)"]}: the file that was sent may not be written to", said + errors);
        Assert.Equal(Before, File.ReadAllBytes(original));
        Assert.Equal(After, File.ReadAllBytes(folder["work/a (from a disposable VM)"]));
    }

    [Theory]
    [InlineData("a", 1, "a (from a disposable VM)")]
    [InlineData(".hidden", 1, ".hidden (from a disposable VM)")]
    [InlineData("a.tar.gz", 2, "a.tar (from a disposable VM) 2.gz")]
    [InlineData("no extension. really none", 1, "no extension. really none (from a disposable VM)")]
    public void A_kept_name_says_what_it_is(string name, int number, string kept) => Assert.Equal(kept, ReplyFile.KeptName(name, number));

    private string Original(string name)
    {
        var path = folder[$"work/{name}"];
        File.WriteAllBytes(path, Before);
        return path;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/")]
    [InlineData("/dev/null/not/a/folder/a")]
    public async Task Where_nothing_can_be_stored_in_its_place_it_is_kept_in_the_home(string? original)
    {
        var (path, why) = await ReplyFile.TakeAsync(new MemoryStream(Pendrive(After)), original, null, Home, Cancel);

        Assert.Equal(Home, Path.GetDirectoryName(path));
        Assert.Contains("(from a disposable VM)", path, StringComparison.Ordinal);
        Assert.NotNull(why);
        Assert.Equal(After, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task Where_nothing_can_be_stored_at_all_that_is_an_error_and_no_damage()
    {
        Directory.Delete(Home);
        await Assert.ThrowsAnyAsync<IOException>(() => ReplyFile.TakeAsync(new MemoryStream(Pendrive(After)), null, null, Home, Cancel));
    }

    private Task<(string Path, string? Why)> TakeAsync(string original, byte[] content, byte[]? sent = null) => ReplyFile.TakeAsync(
        new MemoryStream(Pendrive(content)), original, sent ?? SHA256.HashData(Before), Home, Cancel);

    private static byte[] Pendrive(byte[] content) => [.. new RawHeader(content.Length, "whatever", SHA256.HashData(content)).Encode(), .. content];

    /// <summary>No half of anything lies beside it.</summary>
    private void AssertAlone(string path) => Assert.Equal([path], Directory.GetFileSystemEntries(folder["work"]));
}
