using Microsoft.Extensions.Logging;
using Qfx.Daemon.Logging;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Control;

/// <summary>All that is seen and ordered from outside, and the socket where it is.</summary>
internal sealed class ControlCentre : IObserver<ExchangeStep>, IAsyncDisposable
{
    private readonly ControlMetrics metrics;
    private readonly TimeProvider time;
    private readonly LogLevels levels;
    private ControlServer? server;

    public ControlCentre(TimeProvider time, LogLevels levels)
    {
        (this.time, this.levels) = (time, levels);
        Board = new(time);
        Orders = new(Board);
        metrics = new(Board);
    }

    public ControlBoard Board { get; }

    public ControlOrders Orders { get; }

    /// <summary>Serves on a socket, if that can be made: the exchange does not depend on it.</summary>
    public void TryListen(string path, ILogger log)
    {
        try
        {
            Listen(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NoControl(e.Message);
        }
    }

    /// <summary>Serves on a socket: see <see cref="ControlServer.Start"/>.</summary>
    public void Listen(string path) => Listen(path, ControlServer.Usual);

    /// <summary>Serves on a socket, and sleeps after <paramref name="linger"/> without anybody.</summary>
    public void Listen(string path, TimeSpan linger) => server = ControlServer.Start(path, PeerCredentials.Mine(), new(Board, Orders, levels, metrics), linger, time);

    /// <summary>See <see cref="ControlServer.Awake"/>.</summary>
    public IObservable<bool> Awake => server?.Awake ?? System.Reactive.Linq.Observable.Return(false);

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
