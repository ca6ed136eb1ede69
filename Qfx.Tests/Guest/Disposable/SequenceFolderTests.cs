using System.Globalization;
using System.Text;
using Qfx.Guest;
using Qfx.Guest.Disposable;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest.Disposable;

public sealed class SequenceFolderTests : IDisposable
{
    private readonly TempFolder home = new();
    private readonly SequenceFolder folder;

    public SequenceFolderTests() => folder = new(home.Path);

    private string Seq => home[".dvm/seq"];

    public void Dispose() => home.Dispose();

    [Fact]
    public void The_first_number_is_1_and_the_counter_four_native_bytes_as_in_2010()
    {
        Assert.Equal(1, folder.Next());
        Assert.Equal(2, folder.Next());
        Assert.Equal(BitConverter.GetBytes(2), File.ReadAllBytes(Seq));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(home[".dvm"]));
    }

    [Theory]
    [InlineData(41, 42)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(-7, 1)]
    public void It_goes_on_from_a_counter_that_is_there(int counter, int next)
    {
        Directory.CreateDirectory(home[".dvm"]);
        File.WriteAllBytes(Seq, BitConverter.GetBytes(counter));
        Assert.Equal(next, folder.Next());
    }

    [Fact]
    public void A_number_that_an_answer_is_expected_for_is_not_given_out_again()
    {
        folder.Remember(folder.Next(), "/a", []);
        folder.Remember(folder.Next(), "/b", []);
        File.Delete(Seq);
        Assert.Equal(3, folder.Next());
    }

    [Fact]
    public void Many_at_once_get_different_numbers()
    {
        var taken = new System.Collections.Concurrent.ConcurrentBag<int>();
        Parallel.For(0, 100, _ => taken.Add(new SequenceFolder(home.Path).Next()));
        Assert.Equal(Enumerable.Range(1, 100), taken.Order());
    }

    [Theory]
    [InlineData("/home/user/a.txt")]
    [InlineData("/home/user/it's \"a\"\n -- Ελένη 写真")]
    public void An_entry_is_a_path_and_a_NUL_as_in_2010(string path)
    {
        var seq = folder.Next();
        folder.Remember(seq, path, [1, 2]);
        Assert.Equal([.. Encoding.UTF8.GetBytes(path), 0], File.ReadAllBytes(home[$".dvm/{seq}"]));
        Assert.Equal(path, folder.PathOf(seq));
        Assert.Equal([1, 2], folder.SumOf(seq));
    }

    [Fact]
    public void An_entry_of_2010_is_read()
    {
        Directory.CreateDirectory(home[".dvm"]);
        File.WriteAllBytes(home[".dvm/7"], [.. "/home/user/b"u8, 0]);
        Assert.Equal("/home/user/b", folder.PathOf(7));
        Assert.Null(folder.SumOf(7));
        Assert.Null(folder.PathOf(8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("a\0")]
    public void An_entry_that_is_no_full_path_is_none(string text)
    {
        Directory.CreateDirectory(home[".dvm"]);
        File.WriteAllText(home[".dvm/7"], text);
        Assert.Throws<GuestException>(() => folder.PathOf(7));
    }

    [Fact]
    public void A_forgotten_one_is_gone_and_stale_ones_are_after_thirty_days()
    {
        var now = DateTimeOffset.Parse("2026-03-01T00:00:00Z", CultureInfo.InvariantCulture);
        int Entry(double age)
        {
            var seq = folder.Next();
            folder.Remember(seq, "/a", [1]);
            foreach (var file in new[] { $".dvm/{seq}", $".dvm/{seq}.sum" }) File.SetLastWriteTimeUtc(home[file], now.AddDays(-age).UtcDateTime);
            return seq;
        }

        var (old, young, done) = (Entry(30.1), Entry(29.9), Entry(0));
        folder.Forget(done);
        folder.ForgetOld(now);
        Assert.Equal([$"{young}", $"{young}.sum", "seq"], Directory.GetFiles(home[".dvm"]).Select(Path.GetFileName).Order());
        Assert.Null(folder.PathOf(old));
    }
}
