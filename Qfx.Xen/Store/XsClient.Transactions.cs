using System.Globalization;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Xen.Connection;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

public sealed partial class XsClient
{
    /// <inheritdoc/>
    /// <remarks>
    /// Up to <see cref="XsClientOptions.TransactionAttempts"/> attempts, between which pauses grow as
    /// <see cref="XsClientOptions.TransactionPauses"/> says. Only EAGAIN for the commit itself
    /// is tried again. No more than <see cref="XsClientOptions.TransactionsAtOnce"/> are open, those in a pause not counted, so
    /// <paramref name="body"/> must not wait for another one. The operations given to it throw <see cref="InvalidOperationException"/> once it has
    /// returned. The commit is not cancelled: its outcome would be unknown.
    /// </remarks>
    public async Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        for (var attempt = 1; ; attempt++)
        {
            await turns.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                var on = Connection();    // a transaction lives and dies with the connection that it was started on
                var transaction = await StartTransactionAsync(on, cancel).ConfigureAwait(false);
                var result = await RunAsync(body, on, transaction, cancel).ConfigureAwait(false);
                if (await CommitAsync(on, transaction, again: attempt < options.TransactionAttempts).ConfigureAwait(false)) return result;
            }
            finally
            {
                turns.Release();
            }

            var pause = options.TransactionPauses.After(attempt, options.Jitter);
            await Observable.Timer(pause, options.Scheduler).ToTask(cancel).ConfigureAwait(false);
        }
    }

    private XsConnection Connection()
    {
        lock (gate) return connection ?? throw lost!;
    }

    private static async Task<T> RunAsync<T>(
        Func<IXsOperations, CancellationToken, Task<T>> body, XsConnection on, uint transaction, CancellationToken cancel)
    {
        var operations = new XsOperations(on, transaction);
        try
        {
            var result = await body(operations, cancel).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            return result;
        }
        catch
        {
            Abort(on, transaction);
            throw;
        }
        finally
        {
            operations.End();
        }
    }

    /// <returns>False if it is to be tried again: it met another transaction, and may be.</returns>
    private static async Task<bool> CommitAsync(XsConnection on, uint transaction, bool again)
    {
        try
        {
            return await on.Ask(new XsCall<bool>(XsType.TransactionEnd, null, Done), transaction, "T", [], CancellationToken.None).ConfigureAwait(false);
        }
        catch (XenstoreException e) when (again && e.Error == XsError.EAGAIN)
        {
            return false;
        }
    }

    private static Task<uint> StartTransactionAsync(XsConnection on, CancellationToken cancel) =>
        on.Ask(new XsCall<uint>(XsType.TransactionStart, null, ReadTransactionId, tooLate: id => Abort(on, id)), transaction: 0, "", [], cancel);

    /// <summary>Nobody waits for the end of it: what is asked after it is carried out after it.</summary>
    private static void Abort(XsConnection on, uint transaction) =>
        on.Tell(new XsUnattended(XsType.TransactionEnd), transaction, "F", []);

    private static uint ReadTransactionId(ReadOnlySpan<byte> payload) =>
        uint.TryParse(XsPayload.Text(payload), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != 0
            ? id
            : throw new XsProtocolException("a transaction has no number");
}
