using System.Net;
using System.Net.Sockets;
using System.Text;
using Qfx.Daemon.Control;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Daemon.Control;

/// <summary>A collector gets the metrics.</summary>
public class OtlpTests
{
    [Fact]
    public async Task What_was_counted_is_sent_at_the_latest_at_the_end()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        var got = ReadAsync(collector, TestContext.Current.CancellationToken);
        using var board = new ControlBoard(TimeProvider.System);
        using (var metrics = new ControlMetrics(board))
        using (Otlp.Start($"http://127.0.0.1:{((IPEndPoint)collector.LocalEndpoint).Port}/v1/metrics", TimeSpan.FromHours(1)))
        {
            using var played = Scenario.Run("work : n--");
            foreach (var step in played.Steps) metrics.OnNext(step);
        }

        var (head, body) = await got.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.StartsWith("POST /v1/metrics HTTP/1.1", head, StringComparison.Ordinal);
        Assert.Contains("application/x-protobuf", head, StringComparison.Ordinal);
        Assert.Contains("qfx.requests", body, StringComparison.Ordinal);
        Assert.Contains("qfilexchgd", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_none_is_set_nothing_is_sent() => Assert.Null(Otlp.Start(null, TimeSpan.FromMinutes(1)));

    /// <summary>One request, answered.</summary>
    private static async Task<(string Head, string Body)> ReadAsync(TcpListener collector, CancellationToken cancel)
    {
        using var client = await collector.AcceptTcpClientAsync(cancel);
        await using var stream = client.GetStream();
        var all = new List<byte>();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            all.AddRange(buffer[..await stream.ReadAsync(buffer, cancel)]);
            var text = Encoding.Latin1.GetString([.. all]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0) continue;
            var length = text[..end].Split("\r\n").First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..];
            if (text.Length < end + 4 + int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)) continue;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancel);
            return (text[..end], text[(end + 4)..]);
        }
    }
}
