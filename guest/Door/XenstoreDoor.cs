using System.Text;
using System.Threading.Channels;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Guest.Door;

/// <summary>
/// xenstore as an ordinary user sees it: one key to write and to read, four more to read, one to watch. Everything else is EACCES, so who has
/// this cannot touch the VM's devices, which whoever has /dev/xen/xenbus can.
/// </summary>
/// <remarks>It speaks the wire protocol, so every client of xenstore can use it. One request is answered at a time.</remarks>
/// <param name="store">The VM's own.</param>
/// <param name="output">Takes the answers and the events.</param>
internal sealed class XenstoreDoor(IXenstore store, Stream output) : IDisposable
{
    private const int LongestRequest = 128;    // bytes; the daemon takes no longer one
    private const int MostWatches = 8;
    private const string Ok = "OK";

    /// <summary>Read, too: empty, it says that a daemon that takes long is at work.</summary>
    private static readonly XsPath Request = new("device/qpen");
    private static readonly XsPath Status = new("qubes_pen_status");
    private static readonly XsPath[] Readable = [Request, Status, new("qubes_blocksrc"), new("qubes_transaction_seq"), new("qubes_pen_kind")];

    private readonly Dictionary<string, Watch> watches = new(StringComparer.Ordinal);
    private readonly Channel<Watch> fired = Channel.CreateUnbounded<Watch>();    // holds each watch once at most
    private readonly SemaphoreSlim writing = new(1, 1);

    /// <summary>Ends when the user's program does.</summary>
    /// <exception cref="IOException">The VM's xenstore is gone, or what came is no message.</exception>
    public async Task ServeAsync(Stream input, CancellationToken cancel)
    {
        using var reader = new XsFrameReader();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var events = SendEventsAsync(stop.Token);
        try
        {
            while (await input.ReadAsync(reader.GetMemory(), cancel).ConfigureAwait(false) is > 0 and var read)
            {
                reader.Advance(read);
                while (Next(reader) is { } asked) await AnswerAsync(asked, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var watch in watches.Values) watch.Subscription?.Dispose();
            await stop.CancelAsync().ConfigureAwait(false);
            await events.ConfigureAwait(false);
        }
    }

    public void Dispose() => writing.Dispose();

    private static Asked? Next(XsFrameReader reader) =>
        reader.TryRead(out var frame) ? new(frame.Header, frame.Payload.ToArray()) : null;

    private async Task AnswerAsync(Asked asked, CancellationToken cancel)
    {
        var type = asked.Header.Type;
        byte[] answer;
        try
        {
            answer = await DoAsync(asked, cancel).ConfigureAwait(false);
        }
        catch (XenstoreException e)
        {
            (type, answer) = (XsType.Error, Text(e.Error.Name));
        }

        await SendAsync(type, asked.Header.RequestId, asked.Header.TransactionId, answer, cancel).ConfigureAwait(false);
        foreach (var watch in watches.Values.Where(watch => watch.Subscription is null)) Begin(watch);    // no event before the answer
    }

    private async Task<byte[]> DoAsync(Asked asked, CancellationToken cancel)
    {
        var end = Array.IndexOf(asked.Payload, (byte)0);
        if (end < 0) throw No(asked, "", XsError.EINVAL);
        var name = Encoding.Latin1.GetString(asked.Payload, 0, end);
        var rest = asked.Payload.AsMemory(end + 1);
        if (asked.Header.TransactionId != 0 || !XsPath.TryParse(name, out var path)) throw No(asked, name, XsError.EACCES);
        switch (asked.Header.Type)
        {
            case XsType.Read when Readable.Contains(path):
                return await store.ReadAsync(path, cancel).ConfigureAwait(false);
            case XsType.Write when path == Request && rest.Length <= LongestRequest:
                await store.WriteAsync(path, rest, cancel).ConfigureAwait(false);
                return Text(Ok);
            case XsType.Watch when path == Status:
                Add(asked, Token(asked, name, rest));
                return Text(Ok);
            case XsType.Unwatch when path == Status:
                if (!watches.Remove(Token(asked, name, rest), out var watch)) throw No(asked, name, XsError.ENOENT);
                watch.Subscription?.Dispose();
                return Text(Ok);
            default:
                throw No(asked, name, XsError.EACCES);
        }
    }

    private void Add(Asked asked, string token)
    {
        if (watches.Count >= MostWatches) throw No(asked, Status.ToString(), XsError.E2BIG);
        if (!watches.TryAdd(token, new(token))) throw No(asked, Status.ToString(), XsError.EEXIST);
    }

    private void Begin(Watch watch) => watch.Subscription = store.Watch(Status).Subscribe(
        _ =>
        {
            if (!Interlocked.Exchange(ref watch.Fired, true)) fired.Writer.TryWrite(watch);
        },
        error => fired.Writer.TryComplete(error));

    private async Task SendEventsAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var watch in fired.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
            {
                Volatile.Write(ref watch.Fired, false);
                await SendAsync(XsType.WatchEvent, 0, 0, [.. Text(Status.ToString()), .. Text(watch.Token)], cancel).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The user's program has gone, or the store has: the requests say so.
        }
    }

    private async Task SendAsync(XsType type, uint request, uint transaction, byte[] payload, CancellationToken cancel)
    {
        using var batch = new XsFrameBatch();
        batch.Add(type, request, transaction, payload);
        await writing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await output.WriteAsync(batch.Bytes, cancel).ConfigureAwait(false);
            await output.FlushAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            writing.Release();
        }
    }

    private static string Token(Asked asked, string name, ReadOnlyMemory<byte> rest) =>
        rest.Span is [.. var token, 0] && !token.Contains((byte)0) ? Encoding.Latin1.GetString(token) : throw No(asked, name, XsError.EINVAL);

    private static byte[] Text(string text) => [.. Encoding.Latin1.GetBytes(text), 0];

    private static XenstoreException No(Asked asked, string path, XsError error) => new(asked.Header.Type, path, error);

    private sealed record Asked(XsHeader Header, byte[] Payload);

    private sealed class Watch(string token)
    {
        public bool Fired;

        public string Token => token;

        public IDisposable? Subscription { get; set; }
    }
}
