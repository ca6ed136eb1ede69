using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qfx.Daemon.Control;

/// <summary>Connections that somebody else has accepted, as Kestrel takes them from a listener.</summary>
/// <remarks>Kestrel takes each as it comes, and turns those away that are too many; so what waits here needs no bound of its own.</remarks>
internal sealed class AcceptedConnections(EndPoint endPoint) : IConnectionListenerFactory, IConnectionListener
{
    private readonly SocketConnectionContextFactory factory = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);
    private readonly Channel<ConnectionContext> waiting = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Lock gate = new();
    private TaskCompletionSource closed = Completed();
    private int open;    // under the gate

    public EndPoint EndPoint => endPoint;

    /// <summary>Ends when none is open.</summary>
    public Task ClosedAsync()
    {
        lock (gate) return closed.Task;
    }

    /// <summary>Hands one over, which is Kestrel's from now on.</summary>
    public void Add(Socket socket)
    {
        lock (gate)
        {
            if (open++ == 0) closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        var connection = factory.Create(socket);
        connection.ConnectionClosed.Register(Left);
        if (!waiting.Writer.TryWrite(connection)) connection.Abort();
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await waiting.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && waiting.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        waiting.Writer.TryComplete();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        while (waiting.Reader.TryRead(out var connection)) await connection.DisposeAsync().ConfigureAwait(false);
        factory.Dispose();
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private void Left()
    {
        lock (gate)
        {
            if (--open == 0) closed.SetResult();
        }
    }
}
