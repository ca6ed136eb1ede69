using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Xen.Connection;

namespace Qfx.Xen.Store;

/// <content>The connection, while there is one, and how it is made again.</content>
public sealed partial class XsClient
{
    private readonly CancellationTokenSource stop = new();
    private readonly Owner owner;

    // Under the gate.
    private XsConnection? connection;
    private XenstoreConnectionException? lost;
    private bool closed;
    private int attempts;
    private bool begins;
    private Task reconnecting = Task.CompletedTask;

    /// <summary>What it is now, and each change; ends when the client is closed. Not to be waited for in a handler.</summary>
    public IObservable<XsClientState> States => states.AsObservable();

    private void Use(Stream stream)
    {
        var next = new XsConnection(stream, owner);
        lock (gate)
        {
            if (closed)
            {
                stream.Dispose();    // disposed, or a subscriber threw meanwhile
                return;
            }

            (connection, lost) = (next, null);
        }

        watches.Use(next);    // sent before anything is read, so no event can come before its watch is known
        next.Start();    // before anybody is told, who may throw
        Tell(XsClientPhase.Connected, null);
    }

    private void OnEnded(XsConnection ended, XenstoreConnectionException reason)
    {
        bool over;
        lock (gate)
        {
            if (connection != ended) return;
            (connection, lost) = (null, reason);
            if (ended.HasRead) attempts = 0;    // a server that only accepts is not back
            over = closed |= open is null || !options.Reconnect || fault is not null;
            reason = fault ?? reason;
        }

        watches.Lose();
        if (over)
        {
            Finish(reason);
            return;
        }

        Tell(XsClientPhase.Lost, reason);
        lock (gate)
        {
            if (!closed) reconnecting = Task.Run(ReconnectAsync);
        }
    }

    private void Finish(XenstoreConnectionException reason)
    {
        lock (gate) lost = reason;
        watches.Close(reason);
        Tell(XsClientPhase.Closed, reason);
        states.OnCompleted();
    }

    /// <summary>One who follows the states and throws is as one who follows a watch.</summary>
    private void Tell(XsClientPhase phase, XenstoreConnectionException? reason)
    {
        try
        {
            states.OnNext(new(phase, reason));
        }
        catch (Exception e)
        {
            Threw("the states", e);
        }
    }

    private async Task ReconnectAsync()
    {
        while (true)
        {
            try
            {
                await PauseAsync().ConfigureAwait(false);
                Use(await open!(stop.Token).ConfigureAwait(false));
                return;
            }
            catch (XenstoreConnectionException e)
            {
                lock (gate)
                {
                    if (!closed) lost = e;    // else it stays what it was closed for
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                Threw("the client's options", e);    // a scheduler, or a maker of connections: nobody else would see it
                return;
            }
        }
    }

    /// <summary>None before the first attempt of a client that never was connected.</summary>
    private async Task PauseAsync()
    {
        int attempt;
        lock (gate) (attempt, begins) = (begins ? 0 : ++attempts, false);
        if (attempt == 0) return;
        var pause = options.ReconnectPauses.After(attempt, options.Jitter);
        await Observable.Timer(pause, options.Scheduler).ToTask(stop.Token).ConfigureAwait(false);
    }

    /// <summary>Passes on what a connection brings; not the client's own affair in public.</summary>
    private sealed class Owner(XsClient client) : IXsConnectionOwner
    {
        public void OnEvent(ulong token, ReadOnlySpan<byte> path, bool here) => client.watches.OnEvent(token, path, here);

        public void OnEnded(XsConnection connection, XenstoreConnectionException reason) => client.OnEnded(connection, reason);
    }
}
