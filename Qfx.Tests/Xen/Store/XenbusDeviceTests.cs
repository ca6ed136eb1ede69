using System.IO.Pipelines;
using System.Text;
using Qfx.Tests.Support;
using Qfx.Xen.Connection;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

/// <summary>A pseudo terminal stands for /dev/xen/xenbus: it is opened, polled, read and written as one.</summary>
public sealed class XenbusDeviceTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");

    private readonly PseudoTerminal? terminal = PseudoTerminal.TryOpen();
    private readonly ScriptedPeer? peer;

    public XenbusDeviceTests() => peer = terminal is null ? null : new(terminal.OtherEnd);

    private ScriptedPeer Peer
    {
        get
        {
            Assert.SkipWhen(peer is null, "No pseudo terminal can be made here.");
            return peer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (peer is not null) await peer.DisposeAsync();
        terminal?.Dispose();
    }

    [Fact]
    public async Task A_device_is_spoken_to_like_a_socket()
    {
        var peer = Peer;
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Device(terminal!.Path));
        for (var i = 0; i < 20; i++)
        {
            var first = client.ReadAsync(A);
            var second = client.WriteAsync(A, "v"u8.ToArray());
            await peer.GrantAsync(XsType.Read, "/a|", "v");
            await peer.GrantAsync(XsType.Write, "/a|v");
            Assert.Equal("v", Encoding.ASCII.GetString(await first.WaitAsync(ScriptedPeer.Patience)));
            await second.WaitAsync(ScriptedPeer.Patience);
        }
    }

    [Fact]
    public async Task The_kernel_answers_watch_and_unwatch_in_order_and_without_the_request_id()
    {
        var peer = Peer;
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Device(terminal!.Path));
        using var first = client.Watch(A).Subscribe(_ => { }, _ => { });
        client.Watch(new("/b")).Subscribe(_ => { }, _ => { }).Dispose();
        foreach (var type in new[] { XsType.Watch, XsType.Watch, XsType.Unwatch })
        {
            Assert.Equal(type, (await peer.NextAsync()).Type);
            await peer.SendAsync(type, 0, 0, "OK|");
        }

        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task Disposal_ends_a_read_that_waits_and_the_thread_with_it()
    {
        _ = Peer;
        var device = XenbusDevice.Open(terminal!.Path);
        var read = device.ReadAsync(new byte[10]).AsTask();
        await device.DisposeAsync();
        await device.Ended.WaitAsync(ScriptedPeer.Patience);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => device.ReadAsync(new byte[10]).AsTask());
    }

    [Fact]
    public async Task A_read_that_is_cancelled_takes_nothing_from_the_next_one()
    {
        var peer = Peer;
        await using var device = XenbusDevice.Open(terminal!.Path);
        using var cancel = new CancellationTokenSource();
        var given = device.ReadAsync(new byte[10], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(ScriptedPeer.Patience));
        await peer.SendAsync([1, 2, 3]);
        var buffer = new byte[10];
        Assert.Equal(3, await device.ReadAsync(buffer).AsTask().WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task A_client_is_disposed_while_it_reads_a_device()
    {
        _ = Peer;
        var client = await XsClient.ConnectAsync(XsEndpoint.Device(terminal!.Path));
        var read = client.ReadAsync(A);
        await client.DisposeAsync().AsTask().WaitAsync(ScriptedPeer.Patience);
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => read);
    }

    [Fact]
    public async Task A_device_that_goes_away_is_a_lost_connection()
    {
        var peer = Peer;
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Device(terminal!.Path));
        var read = client.ReadAsync(A);
        await peer.NextAsync();
        await peer.DisposeAsync();
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => read.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task A_message_that_the_kernel_refuses_fails_alone_and_those_written_after_it_are_sent()
    {
        var sent = new Pipe();
        await using var client = XsClient.Over(new RefusingWatches(sent.Writer.AsStream()));
        await using var peer = new ScriptedPeer(sent.Reader.AsStream());
        var refused = new TaskCompletionSource<Exception>();
        _ = client.ReadAsync(A);
        using var watch = client.Watch(A).Subscribe(_ => { }, refused.SetResult);
        _ = client.ReadAsync(new("/b"));
        await peer.ExpectAsync(XsType.Read, "/a|");
        await peer.ExpectAsync(XsType.Read, "/b|");
        var e = Assert.IsType<XenstoreException>(await refused.Task.WaitAsync(ScriptedPeer.Patience));
        Assert.Equal((XsType.Watch, XsError.EINVAL), (e.Op, e.Error));
    }

    [Fact]
    public async Task The_kernel_takes_4080_bytes_of_payload_and_whole_messages()
    {
        _ = Peer;
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Device(terminal!.Path));
        await Assert.ThrowsAsync<ArgumentException>(() => client.WriteAsync(A, new byte[4080 - 2]));
        await using var device = XenbusDevice.Open(terminal.Path);
        await Assert.ThrowsAsync<ArgumentException>(() => device.WriteAsync(new byte[15]).AsTask());
    }

    /// <summary>As the device does when the server refuses a watch: an errno of the write.</summary>
    private sealed class RefusingWatches(Stream accepted) : DuplexStream(new Pipe().Reader.AsStream(), accepted)
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var taken = 0; taken < buffer.Length;)
            {
                XsHeader.TryRead(buffer.Span[taken..], out var header);
                var end = taken + XsHeader.Size + header.Length;
                if (header.Type == XsType.Watch) throw new XenbusRefusedException(header.RequestId, XsError.EINVAL, end);
                await base.WriteAsync(buffer[taken..end], cancellationToken);
                taken = end;
            }
        }
    }
}
