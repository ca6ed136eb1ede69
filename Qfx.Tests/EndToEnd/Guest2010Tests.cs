using Qfx.Streams.Exchange;
using Qfx.Tests.Support;

namespace Qfx.Tests.EndToEnd;

/// <summary>A guest as the first system had it: it writes its request with Debian's xenstore-write, and never reads an answer.</summary>
public sealed class Guest2010Tests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_plain_writes_bring_a_file_from_one_VM_to_the_other(bool real)
    {
        Programs.Require("xenstore-write", "xenstore-read", "mcopy", "mtype");
        await using var host = await Host.StartAsync(real);
        var (work, _) = await host.CreateAsync("work");
        var (personal, _) = await host.CreateAsync("personal");
        var (outgoing, incoming) = (Path.Combine(host.DevicesOf(work), "xvdg"), Path.Combine(host.DevicesOf(personal), "xvdh"));

        await WriteAsync(host.SocketOf(work), "new");
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Attached && File.Exists(outgoing));
        Assert.Equal(1L << 30, new FileInfo(outgoing).ResolveLinkTarget(true) is FileInfo image ? image.Length : 0);
        Assert.Equal(0, (await Programs.RunAsync("mcopy", ["-i", outgoing, host.File("letter", "dear"u8.ToArray()), "::"], ("MTOOLS_SKIP_CHECK", "1"))).Exit);
        await WriteAsync(host.SocketOf(work), "send personal");
        await host.UntilAsync(step => step.State.Pendrives.Values.Any(pendrive => pendrive.Stage is Stage.AtReceiver));

        var (_, sender) = await Programs.RunAsync("xenstore-read", ["qubes_blocksrc"], ("XENSTORED_PATH", host.SocketOf(personal)));
        var (_, seq) = await Programs.RunAsync("xenstore-read", ["qubes_transaction_seq"], ("XENSTORED_PATH", host.SocketOf(personal)));
        Assert.Equal(("work", "0"), (sender.Trim(), seq.Trim()));
        Assert.Equal("dear", (await Programs.RunAsync("mtype", ["-i", incoming, "::letter"], ("MTOOLS_SKIP_CHECK", "1"))).Output);
        await WriteAsync(host.SocketOf(personal), "umount");
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Deleted);
        Assert.Empty(host.Spool);
        Assert.False(File.Exists(incoming));
    }

    private static async Task WriteAsync(string socket, string request)
    {
        var (exit, output) = await Programs.RunAsync("xenstore-write", ["device/qpen", request], ("XENSTORED_PATH", socket));
        Assert.True(exit == 0, output);
    }
}
