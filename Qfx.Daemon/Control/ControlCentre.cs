using Microsoft.Extensions.Logging;
using Qfx.Daemon.Logging;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Control;

/// <summary>All that is seen and ordered from outside, and the socket where it is.</summary>
internal sealed class ControlCentre : IObserver<ExchangeStep>, IAsyncDisposable
{
    private readonly ControlMetrics metrics;
    private readonly LogLevels levels;
    private ControlServer? server;

    public ControlCentre(TimeProvider time, LogLevels levels)
    {
        this.levels = levels;
        Board = new(time);
        Orders = new(Board);
        metrics = new(Board);
    }

    public ControlBoard Board { get; }

    public ControlOrders Orders { get; }

    /// <summary>Serves on a socket, if that can be made: the exchange does not depend on it.</summary>
    public async Task TryListenAsync(string path, ILogger log, CancellationToken cancel)
    {
        try
        {
            await ListenAsync(path, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NoControl(e.Message);
        }
    }

    /// <summary>Serves on a socket: see <see cref="ControlServer.StartAsync"/>.</summary>
    public async Task ListenAsync(string path, CancellationToken cancel) =>
        server = await ControlServer.StartAsync(path, PeerCredentials.Mine(), new(Board, Orders, levels, metrics), cancel).ConfigureAwait(false);

    /// <summary>See <see cref="ControlServer.Routes"/>.</summary>
    public IEnumerable<string> Routes => server?.Routes ?? [];

    public void OnNext(ExchangeStep value)
    {
        Board.OnNext(value);
        metrics.OnNext(value);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync().ConfigureAwait(false);
        metrics.Dispose();
        Orders.Dispose();
        Board.Dispose();
    }
}
