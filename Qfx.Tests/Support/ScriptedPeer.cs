using System.IO.Pipelines;
using System.Text;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Support;

/// <summary>The other end of an <see cref="XsClient"/>'s connection, which says what the test tells it to.</summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    /// <summary>A safety net, far from what anything here takes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Stream stream;
    private readonly XsFrameReader frames = new();

    /// <summary>At the other end of a stream.</summary>
    public ScriptedPeer(Stream stream) => this.stream = stream;

    /// <summary>A client and its peer, connected in memory.</summary>
    public static (XsClient Client, ScriptedPeer Peer) Connect(XsClientOptions? options = null)
    {
        var requests = new Pipe();
        var answers = new Pipe();
        var client = XsClient.Over(new DuplexStream(answers.Reader.AsStream(), requests.Writer.AsStream()), options);
        return (client, new(new DuplexStream(requests.Reader.AsStream(), answers.Writer.AsStream())));
    }

    /// <summary>The next request; fails if none comes.</summary>
    public async Task<Request> NextAsync()
    {
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            if (Read() is { } request) return request;
            var bytes = await stream.ReadAsync(frames.GetMemory(), late.Token);
            Assert.NotEqual(0, bytes);
            frames.Advance(bytes);
        }
    }

    /// <summary>The next request, which must be this one; <c>|</c> stands for NUL.</summary>
    public async Task<Request> ExpectAsync(XsType type, string payload)
    {
        var request = await NextAsync();
        Assert.Equal((type, payload), (request.Type, request.Payload));
        return request;
    }

    /// <summary>Sends one message; <c>|</c> stands for NUL.</summary>
    public Task SendAsync(XsType type, uint request, uint transaction, string payload)
    {
        using var batch = new XsFrameBatch();
        batch.Add(type, request, transaction, Encoding.Latin1.GetBytes(payload.Replace('|', '\0')));
        return SendAsync(batch.Bytes.ToArray());
    }

    /// <summary>Sends any bytes.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    public Task AnswerAsync(Request request, string payload = "OK|") =>
        SendAsync(request.Type, request.Id, request.Transaction, payload);

    public Task RefuseAsync(Request request, string error) =>
        SendAsync(XsType.Error, request.Id, request.Transaction, error + "|");

    public Task EventAsync(string path, string token) => SendAsync(XsType.WatchEvent, 0, 0, $"{path}|{token}|");

    /// <summary>Takes the next request and grants it.</summary>
    public async Task GrantAsync(XsType type, string payload, string answer = "OK|") =>
        await AnswerAsync(await ExpectAsync(type, payload), answer);

    /// <summary>A request that is answered shows that nothing else was sent before it.</summary>
    public async Task ExpectNothingBeforeAsync(XsClient client)
    {
        var mark = client.ReadAsync(new("/mark"));
        await GrantAsync(XsType.Read, "/mark|", "");
        await mark.WaitAsync(Patience);
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync()
    {
        frames.Dispose();
        return stream.DisposeAsync();
    }

    private Request? Read() => frames.TryRead(out var frame)
        ? new(frame.Header.Type, frame.Header.RequestId, frame.Header.TransactionId, Encoding.Latin1.GetString(frame.Payload).Replace('\0', '|'))
        : null;

    /// <summary>As it came; <c>|</c> stands for NUL.</summary>
    internal sealed record Request(XsType Type, uint Id, uint Transaction, string Payload)
    {
        /// <summary>Of WATCH and UNWATCH.</summary>
        public string Token => Payload.Split('|')[1];
    }
}
