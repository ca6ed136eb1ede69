using System.Net.Sockets;
using System.Text;
using Qfx.Daemon.Disposables;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Disposables;

public sealed class MemoryManagerTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_is_asked_in_bytes_and_holds_the_memory_until_the_connection_is_closed()
    {
        using var manager = new Manager(folder["qmemman.sock"]);
        var asking = MemoryManager.AskAsync(folder["qmemman.sock"], 400, Cancel);
        using var client = await manager.AcceptAsync();
        Assert.Equal("419430400\n", await Manager.ReadAsync(client));
        await client.SendAsync("OK"u8.ToArray(), Cancel);

        var held = await asking;
        Assert.NotNull(held);
        Assert.Equal(0, client.Available);
        held.Dispose();
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Cancel));
    }

    [Theory]
    [InlineData("FAIL")]
    [InlineData("FAIL\n")]
    public async Task A_refusal_is_null(string answer)
    {
        using var manager = new Manager(folder["qmemman.sock"]);
        var asking = MemoryManager.AskAsync(folder["qmemman.sock"], 400, Cancel);
        using var client = await manager.AcceptAsync();
        await client.SendAsync(Encoding.ASCII.GetBytes(answer), Cancel);

        Assert.Null(await asking);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MAYBE")]
    [InlineData("OKOKOKOKOKOKOKOKOKOKOKOK")]
    public async Task Another_answer_or_none_is_an_error(string answer)
    {
        using var manager = new Manager(folder["qmemman.sock"]);
        var asking = MemoryManager.AskAsync(folder["qmemman.sock"], 400, Cancel);
        using (var client = await manager.AcceptAsync())
        {
            await Manager.ReadAsync(client);
            if (answer.Length > 0) await client.SendAsync(Encoding.ASCII.GetBytes(answer), Cancel);
            client.Shutdown(SocketShutdown.Send);
        }

        await Assert.ThrowsAsync<DisposableException>(() => asking);
    }

    [Fact]
    public async Task Where_there_is_none_everything_is_granted() => Assert.NotNull(await MemoryManager.AskAsync(folder["nobody.sock"], 400, Cancel));

    private sealed class Manager : IDisposable
    {
        private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public Manager(string path)
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
        }

        public ValueTask<Socket> AcceptAsync() => listener.AcceptAsync(Cancel);

        public static async Task<string> ReadAsync(Socket client)
        {
            var bytes = new byte[64];
            return Encoding.ASCII.GetString(bytes, 0, await client.ReceiveAsync(bytes, Cancel));
        }

        public void Dispose() => listener.Dispose();
    }
}
