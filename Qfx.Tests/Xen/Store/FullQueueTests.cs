using System.Net.Sockets;
using Qfx.Tests.Support;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Store;

/// <summary>A server that has not accepted those who came before: xenstored lets one wait, and the next is told EAGAIN.</summary>
public sealed class FullQueueTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Socket> waiting = [];
    private readonly PromptScheduler time = new();

    public FullQueueTests()
    {
        listener.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
        listener.Listen(1);
        while (TryFill())
        {
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private XsClientOptions Options => new() { Scheduler = time, Jitter = () => 1 - 1e-9 };

    public void Dispose()
    {
        listener.Dispose();
        foreach (var socket in waiting) socket.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Who_comes_while_the_queue_is_full_waits_for_his_turn()
    {
        time.InPause = () =>
        {
            if (time.Pauses.Count == 3) waiting.Add(listener.Accept());
        };
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Socket(folder["socket"]), Options, Cancel);
        Assert.Equal([1, 2, 4], time.Pauses.Select(pause => (int)Math.Round(pause.TotalMilliseconds)));
    }

    [Fact]
    public async Task Where_nobody_is_accepted_it_is_given_up_after_five_seconds()
    {
        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => XsClient.ConnectAsync(XsEndpoint.Socket(folder["socket"]), Options, Cancel));
        Assert.Contains(folder["socket"], e.Message, StringComparison.Ordinal);
        Assert.InRange(time.Pauses.Sum(pause => pause.TotalSeconds), 4.5, 5.1);
    }

    [Fact]
    public async Task The_waiting_can_be_called_off()
    {
        using var calledOff = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        time.DuringPause = calledOff.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => XsClient.ConnectAsync(XsEndpoint.Socket(folder["socket"]), Options, calledOff.Token));
    }

    private bool TryFill()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        waiting.Add(socket);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(folder["socket"]));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
