using System.Globalization;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

public sealed partial class XsClient
{
    /// <inheritdoc/>
    /// <remarks>
    /// Up to <see cref="XsClientOptions.TransactionAttempts"/> attempts, between which pauses grow from
    /// <see cref="XsClientOptions.FirstPause"/> to <see cref="XsClientOptions.LongestPause"/>. Only EAGAIN for the commit itself
    /// is tried again. The operations given to <paramref name="body"/> throw <see cref="InvalidOperationException"/> once it has
    /// returned. The commit is not cancelled: its outcome would be unknown.
    /// </remarks>
    public async Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        for (var attempt = 1; ; attempt++)
        {
            var transaction = await StartTransactionAsync(cancel).ConfigureAwait(false);
            var result = await RunAsync(body, transaction, cancel).ConfigureAwait(false);
            try
            {
                await CommitAsync(transaction).ConfigureAwait(false);
                return result;
            }
            catch (XenstoreException e) when (e.Error == XsError.EAGAIN && attempt < options.TransactionAttempts)
            {
                await Observable.Timer(options.PauseAfter(attempt), options.Scheduler).ToTask(cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task<T> RunAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, uint transaction, CancellationToken cancel)
    {
        var operations = new XsOperations(this, transaction);
        try
        {
            var result = await body(operations, cancel).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            return result;
        }
        catch
        {
            Abort(transaction);
            throw;
        }
        finally
        {
            operations.End();
        }
    }

    private Task<bool> CommitAsync(uint transaction) =>
        Ask(new XsCall<bool>(XsType.TransactionEnd, null, Done), transaction, "T", [], CancellationToken.None);

    private Task<uint> StartTransactionAsync(CancellationToken cancel) =>
        Ask(new XsCall<uint>(XsType.TransactionStart, null, ReadTransactionId, tooLate: Abort), transaction: 0, "", [], cancel);

    /// <summary>Nobody waits for the end of it: what is asked after it is carried out after it.</summary>
    private void Abort(uint transaction)
    {
        lock (gate)
        {
            if (closed is null) Send(new XsUnattended(XsType.TransactionEnd), transaction, "F", []);
        }
    }

    private static uint ReadTransactionId(ReadOnlySpan<byte> payload) =>
        uint.TryParse(XsPayload.Text(payload), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != 0
            ? id
            : throw new XsProtocolException("a transaction has no number");
}
