using Qfx.Guest;
using Qfx.Guest.Commands;
using Qfx.Guest.Host;
using Qfx.Guest.Pendrive;

namespace Qfx.Tests.Guest;

public sealed class PenCtlTests
{
    [Theory]
    [InlineData("new", true)]
    [InlineData("new 100", true)]
    [InlineData("new raw", true)]
    [InlineData("new raw 100", true)]
    [InlineData("new 1.5", false)]
    [InlineData("new -1", false)]
    [InlineData("new 12345678901", false)]
    [InlineData("new raw 1 2", false)]
    [InlineData("NEW", false)]
    [InlineData("send personal", true)]
    [InlineData("send personal 3", true)]
    [InlineData("send personal x", false)]
    [InlineData("send", false)]
    [InlineData("send -rf", false)]
    [InlineData("send a/b", false)]
    [InlineData("umount", true)]
    [InlineData("umount ok", true)]
    [InlineData("umount failed", true)]
    [InlineData("umount maybe", false)]
    [InlineData("cancel", true)]
    [InlineData("cancel all", false)]
    [InlineData("killme", false)]
    [InlineData("", false)]
    public void Only_what_dom0_could_take_is_written(string words, bool legal) =>
        Assert.Equal(legal, PenCtl.IsRequest(words.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public async Task Wrong_words_print_the_usage_and_write_nothing()
    {
        var host = new GuestHost("/nowhere", "/nowhere", "/nowhere", new MtoolsPendrive("/nowhere"));
        await using var call = new Call(["gibberish"], host, TimeProvider.System, _ => { }, TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<GuestException>(() => PenCtl.RunAsync(call));

        Assert.Equal(ExitCode.Usage, e.Exit);
        Assert.Equal(PenCtl.Usage, e.Message);
    }
}
