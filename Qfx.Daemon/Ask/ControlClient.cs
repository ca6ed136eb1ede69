using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Qfx.Daemon.Control;

namespace Qfx.Daemon.Ask;

/// <summary>Asks a daemon that runs, on its control socket.</summary>
/// <param name="path">The socket.</param>
internal sealed class ControlClient(string path) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new("http://qfilexchgd/"),
        Timeout = Timeout.InfiniteTimeSpan,    // events have no end; the rest is bounded by who asks
    };

    /// <summary>A view, as the daemon wrote it.</summary>
    /// <exception cref="AskException">It cannot be had.</exception>
    public Task<string> TextAsync(string route, CancellationToken cancel) => TriedAsync(() => http.GetStringAsync(new Uri(route, UriKind.Relative), cancel));

    /// <summary>A view, read.</summary>
    /// <exception cref="AskException">It cannot be had.</exception>
    public async Task<T> GetAsync<T>(string route, JsonTypeInfo<T> type, CancellationToken cancel) =>
        JsonSerializer.Deserialize(await TextAsync(route, cancel).ConfigureAwait(false), type) ?? throw new AskException(ExitCode.Failed, "the daemon's answer is empty");

    /// <summary>Orders something.</summary>
    /// <returns>Whether it is done, and what the daemon says.</returns>
    /// <exception cref="AskException">It cannot be asked.</exception>
    public Task<(bool Done, string Text)> OrderAsync(string route, CancellationToken cancel) => TriedAsync(async () =>
    {
        using var response = await http.PostAsync(new Uri(route, UriKind.Relative), null, cancel).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
        return (response.IsSuccessStatusCode, text.StartsWith('{') ? JsonSerializer.Deserialize(text, ControlJson.Default.AnswerView)!.Text : $"the daemon says {(int)response.StatusCode}");
    });

    /// <summary>What happens, from what is remembered on; ends when the daemon does.</summary>
    /// <exception cref="AskException">It cannot be asked.</exception>
    public async IAsyncEnumerable<EventView> EventsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var stream = await TriedAsync(() => http.GetStreamAsync(new Uri("events", UriKind.Relative), cancel)).ConfigureAwait(false);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await LineAsync(reader, cancel).ConfigureAwait(false) is { } line)
        {
            if (JsonSerializer.Deserialize(line, ControlJson.Default.EventView) is { } told) yield return told;
        }
    }

    public void Dispose() => http.Dispose();

    private static async Task<string?> LineAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return null;    // the daemon has ended
        }
    }

    private async Task<T> TriedAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new AskException(ExitCode.NotAllowed, $"{path} is for root alone: run this as root in dom0");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.ConnectionRefused })
        {
            throw new AskException(ExitCode.NotRunning, $"no daemon listens on {path}: systemctl start qfilexchgd; qfilexchgd doctor says what it lacks");
        }
        catch (HttpRequestException e) when (e.StatusCode is { } status and not HttpStatusCode.OK)
        {
            throw new AskException(ExitCode.Failed, $"the daemon says {(int)status}: it is another version than this command");
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            throw new AskException(ExitCode.NotAllowed, $"the daemon has closed the connection: it takes orders from root alone, or it has just ended ({e.Message})");
        }
    }
}
