using System.IO.Pipelines;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Text;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Faults;

/// <summary>A server that answers with anything: every request ends, a value is only ever the one that came for it, and nothing is left.</summary>
public sealed class ClientFuzzTests
{
    private const int Clients = 1_500;
    private const int Requests = 16;

    private static readonly XsPath Node = new("/node");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_a_server_says_every_request_ends()
    {
        var random = Seeded.Random();
        var outcomes = new Dictionary<string, int>();
        for (var i = 0; i < Clients; i++)
        {
            foreach (var outcome in await OneAsync(random)) outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", outcomes));
        Assert.Equal(["answered", "lost", "refused"], outcomes.Keys.Order());    // and each of them has been seen
    }

    private static async Task<string[]> OneAsync(Random random)
    {
        var requests = new Pipe();
        var answers = new Pipe();
        await using var client = XsClient.Over(new DuplexStream(answers.Reader.AsStream(), requests.Writer.AsStream()));
        var asked = Enumerable.Range(1, Requests).Select(id => (Id: (uint)id, Kind: random.Next(9))).ToArray();
        var tasks = asked.Select(request => Ask(client, request.Kind, Node / $"{request.Id}")).ToArray();    // the ids are 1, 2, …: all have been sent

        var sent = new List<(XsType Type, uint Id, byte[] Payload)>();
        var stream = answers.Writer.AsStream();
        for (var left = random.Next(1, 60); left > 0; left--)
        {
            var noise = random.Next(80) == 0;
            await stream.WriteAsync(noise ? Noise(random) : Frame(random, asked, sent), Cancel);
            if (noise) break;    // what follows would be out of step
        }

        await stream.DisposeAsync();
        var outcomes = await Task.WhenAll(tasks.Select(EndAsync)).WaitAsync(ScriptedPeer.Patience, Cancel);
        for (var i = 0; i < tasks.Length; i++)
        {
            if (tasks[i] is not Task<byte[]> { IsCompletedSuccessfully: true } read) continue;
            var value = await read;
            Assert.Equal(sent.First(frame => frame.Id == asked[i].Id).Payload, value);
        }

        Assert.Equal(default, client.Holdings);
        return outcomes;
    }

    private static Task Ask(XsClient client, int kind, XsPath node) => kind switch
    {
        0 or 1 => client.ReadAsync(node, Cancel),
        2 => client.ListAsync(node, Cancel),
        3 => client.GetPermissionsAsync(node, Cancel),
        4 => client.IsIntroducedAsync(Domid.Zero, Cancel),
        5 => client.GetDomainPathAsync(Domid.Zero, Cancel),
        6 => client.TransactAsync(async (tx, cancel) => await tx.ListAsync(node, cancel), Cancel),
        7 => client.Watch(node).TakeLast(1).ToTask(Cancel),    // ends with the connection alone
        _ => client.ControlAsync(["help"], Cancel),
    };

    private static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(1, 64)];
        random.NextBytes(noise);
        return noise;
    }

    /// <summary>Mostly an answer to one of the requests, of about the right form; at times anything.</summary>
    private static byte[] Frame(Random random, (uint Id, int Kind)[] asked, List<(XsType Type, uint Id, byte[] Payload)> sent)
    {
        var (id, kind) = asked[random.Next(asked.Length)];
        if (random.Next(60) == 0) id = (uint)random.Next(40);
        var type = (random.Next(25), kind) switch
        {
            (0, _) => (XsType)random.Next(25),
            (1 or 2, _) => XsType.Error,
            (3 or 4, _) => XsType.WatchEvent,
            (_, 0 or 1) => XsType.Read,
            (_, 2) => XsType.Directory,
            (_, 3) => XsType.GetPerms,
            (_, 4) => XsType.IsDomainIntroduced,
            (_, 5) => XsType.GetDomainPath,
            (_, 6) => XsType.TransactionStart,
            (_, 7) => XsType.Watch,
            _ => XsType.Control,
        };
        if (type != XsType.WatchEvent && sent.Any(frame => frame.Id == id) && random.Next(20) != 0) (type, id) = (XsType.WatchEvent, 0);    // answered already
        var payload = Encoding.Latin1.GetBytes(Payload(random, type).Replace('|', '\0'));
        if (type != XsType.WatchEvent) sent.Add((type, id, payload));
        var bytes = new byte[XsHeader.Size + payload.Length];
        new XsHeader(type, id, (uint)random.Next(3), payload.Length).Write(bytes);
        payload.CopyTo(bytes.AsSpan(XsHeader.Size));
        return bytes;
    }

    private static string Payload(Random random, XsType type) => (random.Next(30), type) switch
    {
        (0, _) => new string([.. Enumerable.Range(0, random.Next(80)).Select(_ => (char)random.Next(256))]),
        (1, _) => "",
        (_, XsType.Error) => random.Next(4) switch { 0 => "E2BIG|", 1 => "EAGAIN|", 2 => "ENOENT", _ => "EPERM|" },
        (_, XsType.WatchEvent) => $"/node/{random.Next(20)}{(random.Next(2) == 0 ? "/x" : "")}|{random.Next(20)}|",
        (_, XsType.GetPerms) => "n0|r1|",
        (_, XsType.IsDomainIntroduced) => "T|",
        (_, XsType.GetDomainPath) => "/local/domain/0|",
        (_, XsType.TransactionStart) => "7|",
        (_, XsType.Watch or XsType.TransactionEnd) => "OK|",
        (_, XsType.DirectoryPart) => "9|a|b||",
        _ => "a|b|",
    };

    private static async Task<string> EndAsync(Task task)
    {
        try
        {
            await task;
            return "answered";
        }
        catch (XenstoreException)
        {
            return "refused";
        }
        catch (XenstoreConnectionException)
        {
            return "lost";
        }
    }
}
