using System.Net;
using System.Net.Sockets;
using System.Reactive.Linq;
using System.Text;
using System.Text.Json;
using Qfx.Daemon.Ask;
using Qfx.Daemon.Control;
using Qfx.Daemon.Logging;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Serilog.Events;

namespace Qfx.Tests.Daemon.Control;

/// <summary>The control socket, over the socket.</summary>
public sealed class ControlServerTests : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly LogLevels levels = new(LogEventLevel.Information);
    private readonly ControlCentre centre;
    private readonly HttpClient http;

    public ControlServerTests()
    {
        centre = new(TimeProvider.System, levels);
        centre.Listen(Path);
        http = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new("http://qfilexchgd/") };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Path => folder["run/control"];

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await centre.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Every_route_of_the_description_is_there_and_no_other()
    {
        var described = JsonDocument.Parse(await http.GetStringAsync(new Uri("openapi.json", UriKind.Relative), Cancel)).RootElement.GetProperty("paths")
            .EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name} {path.Name}")).Order();

        Assert.Equal(described, centre.Routes.Order());
        foreach (var route in centre.Routes.Where(route => route.StartsWith("get ", StringComparison.Ordinal) && route != "get /events"))
        {
            using var answer = await http.GetAsync(new Uri(route[5..], UriKind.Relative), Cancel);
            Assert.Equal((route, HttpStatusCode.OK), (route, answer.StatusCode));
        }
    }

    [Fact]
    public async Task The_views_are_as_they_are_described()
    {
        Play("""
            work     : n----s---
            third    : n--------
            personal : ---------
            """);
        var schemas = JsonDocument.Parse(await http.GetStringAsync(new Uri("openapi.json", UriKind.Relative), Cancel)).RootElement.GetProperty("components").GetProperty("schemas");
        foreach (var (route, schema) in new[] { ("domains", "Domain"), ("pendrives", "Pendrive"), ("questions", "Question"), ("status", "Status"), ("overview", "Overview") })
        {
            var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(route, UriKind.Relative), Cancel)).RootElement;
            var one = answer.ValueKind == JsonValueKind.Array ? answer[0] : answer;
            Assert.Equal(schemas.GetProperty(schema).GetProperty("properties").EnumerateObject().Select(p => p.Name), one.EnumerateObject().Select(p => p.Name));
        }
    }

    [Fact]
    public async Task It_shows_who_holds_what_and_who_asks()
    {
        Play("""
            work     : n----s---
            personal : ---------
            """);

        Assert.Equal("""[{"domid":1,"name":"work","requests":2,"xvdg":"p1","xvdh":null},{"domid":2,"name":"personal","requests":0,"xvdg":null,"xvdh":null}]""", await TextAsync("domains"));
        Assert.Equal("""[{"id":"p1","sender":"work","receiver":"personal","stage":"asking","at":"work xvdg"}]""", await TextAsync("pendrives"));
        var question = JsonDocument.Parse(await TextAsync("questions")).RootElement[0];
        Assert.Equal(("q2", "work", "personal", "qfx.Copy"),
            (question.GetProperty("id").GetString(), question.GetProperty("from").GetString(), question.GetProperty("to").GetString(), question.GetProperty("service").GetString()));
    }

    [Fact]
    public async Task Decisions_are_remembered_and_events_come_as_they_happen()
    {
        Play("""
            work     : n----s-----
            personal : -----------
            person   : -------n---
            """);
        var decision = JsonDocument.Parse(await TextAsync("history")).RootElement[0];
        Assert.Equal((false, "work", "personal"), (decision.GetProperty("allowed").GetBoolean(), decision.GetProperty("from").GetString(), decision.GetProperty("to").GetString()));

        await using var events = await http.GetStreamAsync(new Uri("events", UriKind.Relative), Cancel);
        using var reader = new StreamReader(events);
        var remembered = centre.Board.Recent();
        foreach (var told in remembered) Assert.Equal(told, JsonSerializer.Deserialize((await reader.ReadLineAsync(Cancel))!, ControlJson.Default.EventView));
        centre.OnNext(ExchangeRules.Decide(ExchangeStep.Initial(new()).State, new ExchangeEvent.NameBound(VmName.Parse("late"), new Domid(9))));
        var last = JsonSerializer.Deserialize((await reader.ReadLineAsync(Cancel))!, ControlJson.Default.EventView)!;
        Assert.Equal(("late", "runs as domain 9", remembered[^1].Number + 1), (last.Vm, last.Text, last.Number));
    }

    [Fact]
    public async Task An_order_reaches_the_rules_or_says_why_not()
    {
        Play("""
            work     : n----s---
            personal : ---------
            """);
        var ordered = new List<ExchangeEvent>();
        using var listening = centre.Orders.Events.Subscribe(ordered.Add);

        Assert.Equal((HttpStatusCode.Accepted, "p1 is cancelled"), await PostAsync("cancel/p1"));
        Assert.Equal((HttpStatusCode.Accepted, "p1 is cancelled"), await PostAsync("cancel/q2"));    // by its question
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync("detach/p1")).Status);
        Assert.Equal((HttpStatusCode.NotFound, "there is no such pendrive or question"), await PostAsync("cancel/p99"));
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("cancel/..%2f..%2fetc")).Status);

        Assert.Equal([new ExchangeEvent.CancelOrdered(new(1)), new ExchangeEvent.CancelOrdered(new(1))], ordered);
    }

    [Fact]
    public async Task The_log_level_is_seen_and_set()
    {
        Assert.Equal("""{"level":"information"}""", await TextAsync("loglevel"));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("loglevel/debug")).Status);
        Assert.Equal(LogEventLevel.Debug, levels.Least);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("loglevel/7")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("loglevel/3")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("loglevel/information,warning")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("loglevel/everything")).Status);
    }

    [Fact]
    public async Task A_reload_is_passed_on()
    {
        var asked = 0;
        using var listening = centre.Orders.Reloads.Subscribe(_ => asked++);

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("reload")).Status);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Metrics_are_counted()
    {
        Play("""
            work     : n----s-----
            personal : -----------
            person   : -------n---
            """);

        var text = await TextAsync("metrics");
        Assert.Contains("# TYPE qfx_requests_total counter\nqfx_requests_total{request=\"new\"} 1\nqfx_requests_total{request=\"send\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("qfx_decisions_total{by=\"person\",outcome=\"denied\",service=\"qfx.Copy\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("qfx_decision_seconds_bucket{le=\"+Inf\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("qfx_domains 2\n", text, StringComparison.Ordinal);
        Assert.Contains("qfx_store_up 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_route_or_no_method_or_too_large_is_refused()
    {
        using var wrong = await http.PostAsync(new Uri("status", UriKind.Relative), null, Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        using var none = await http.GetAsync(new Uri("answer/q2", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var head = await http.GetAsync(new Uri("cancel/p1", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);

        // 10 MiB: it answers without having read them, or ends the connection.
        using var large = new ByteArrayContent(new byte[10 << 20]);
        try
        {
            using var answer = await http.PostAsync(new Uri("reload", UriKind.Relative), large, Cancel);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The connection was closed under the body.
        }

        using var reloads = new SemaphoreSlim(0);
        using var asked = centre.Orders.Reloads.Subscribe(_ => reloads.Release());
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "reload") { Content = new ByteArrayContent([1]), Headers = { TransferEncodingChunked = true } };
        using var refused = await http.SendAsync(chunked, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Equal(0, reloads.CurrentCount);
        Assert.NotEmpty(await TextAsync("status"));
    }

    [Fact]
    public async Task A_thousand_that_connect_and_say_nothing_hold_up_nobody()
    {
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                idle.Add(socket);
                await ConnectAsync(socket);
                if (i % 2 == 0) await socket.SendAsync(Encoding.ASCII.GetBytes("GET /stat"), Cancel);
            }

            Assert.NotEmpty(await TextAsync("status"));
        }
        finally
        {
            foreach (var socket in idle) socket.Dispose();
        }
    }

    [Fact]
    public async Task The_socket_is_for_its_user_alone_and_who_gets_at_it_all_the_same_is_turned_away()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        if (Environment.UserName != "root") Assert.Skip("Only root can become somebody else.");
        Programs.Require("python3");

        // Somebody has made it open to all: the kernel still says who it is.
        foreach (var open in new[] { Path, folder["run"], folder.Path })
            File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        const string Ask = """
            import os, socket, sys
            if sys.argv[2] != "0": os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            try:
                s.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                print(len(s.recv(4096)) > 0)
            except OSError:
                print(False)
            """;
        var (exit, output) = await Programs.RunAsync("python3", ["-c", Ask, Path, "65534"]);
        Assert.True((exit, output) == (0, "False\n"), output);
        Assert.Equal((0, "True\n"), await Programs.RunAsync("python3", ["-c", Ask, Path, "0"]));
    }

    [Fact]
    public async Task A_socket_that_was_left_over_is_replaced_and_none_is_left_at_the_end()
    {
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)) left.Bind(new UnixDomainSocketEndPoint(folder["run/other"]));
        await using (var other = new ControlCentre(TimeProvider.System, levels))
        {
            other.Listen(folder["run/other"]);
            Assert.True(File.Exists(folder["run/other"]));
        }

        Assert.False(File.Exists(folder["run/other"]));
    }

    [Fact]
    public async Task What_is_no_socket_at_its_path_is_left_alone()
    {
        await File.WriteAllTextAsync(folder["run/other"], "somebody's", Cancel);
        await using var other = new ControlCentre(TimeProvider.System, levels);

        Assert.Throws<IOException>(() => other.Listen(folder["run/other"]));

        Assert.Equal("somebody's", await File.ReadAllTextAsync(folder["run/other"], Cancel));
    }

    [Fact]
    public async Task The_server_is_started_by_who_asks_sleeps_when_nobody_does_and_wakes_again()
    {
        await using var other = new ControlCentre(TimeProvider.System, levels);
        other.Listen(folder["run/other"], linger: TimeSpan.FromMilliseconds(1));
        using var client = new ControlClient(folder["run/other"]);
        for (var times = 1; times <= 3; times++)
        {
            await StateAsync(other, awake: false);
            await using (var events = client.EventsAsync(Cancel).GetAsyncEnumerator(Cancel))
            {
                var first = events.MoveNextAsync();
                await StateAsync(other, awake: true);
                other.OnNext(ExchangeRules.Decide(ExchangeStep.Initial(new()).State, new ExchangeEvent.NameBound(VmName.Parse("work"), new Domid(times))));
                Assert.True(await first);
            }
        }
    }

    [Fact]
    public async Task It_ends_while_somebody_is_connected()
    {
        using var there = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await using (var other = new ControlCentre(TimeProvider.System, levels))
        {
            other.Listen(folder["run/other"]);
            await there.ConnectAsync(new UnixDomainSocketEndPoint(folder["run/other"]), Cancel);
            await StateAsync(other, awake: true);
        }

        Assert.Equal(0, await there.ReceiveAsync(new byte[1], Cancel));
    }

    private static async Task StateAsync(ControlCentre centre, bool awake) =>
        await centre.Awake.FirstAsync(now => now == awake).Timeout(TimeSpan.FromSeconds(30)).RunAsync(Cancel);

    /// <summary>While the server's queue is full, connecting to a unix socket fails at once with EAGAIN.</summary>
    private async Task ConnectAsync(Socket socket)
    {
        while (true)
        {
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), Cancel);
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
            {
                await Task.Yield();
            }
        }
    }

    private void Play(string story)
    {
        using var played = Scenario.Run(story);
        foreach (var step in played.Steps) centre.OnNext(step);
    }

    private Task<string> TextAsync(string route) => http.GetStringAsync(new Uri(route, UriKind.Relative), Cancel);

    private async Task<(HttpStatusCode Status, string? Text)> PostAsync(string route)
    {
        using var answer = await http.PostAsync(new Uri(route, UriKind.Relative), null, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        return (answer.StatusCode, text.Length > 0 ? JsonDocument.Parse(text).RootElement.GetProperty("text").GetString() : null);
    }
}
