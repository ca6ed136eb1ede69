using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Block;

namespace Qfx.Daemon.Control;

/// <summary>The control socket: HTTP on a unix socket, for this daemon's own user alone.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>Of sun_path, unix(7), without its NUL.</summary>
    public const int LongestPath = 107;

    /// <summary>No request needs more.</summary>
    private const int MaxBody = 4096;    // bytes

    /// <summary>Whoever connects and says nothing is let go after this time.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly WebApplication web;
    private readonly string path;

    private ControlServer(WebApplication web, string path) => (this.web, this.path) = (web, path);

    /// <summary>What can be asked: a method and a path each, such as <c>get /status</c>.</summary>
    public IEnumerable<string> Routes => ((IEndpointRouteBuilder)web).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .SelectMany(route => route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => $"{method.ToLowerInvariant()} {route.RoutePattern.RawText}"));

    /// <summary>Whether a socket can have this path.</summary>
    public static bool IsPath(string path) => Encoding.UTF8.GetByteCount(path) is > 0 and <= LongestPath;

    /// <summary>Serves until it is disposed of.</summary>
    /// <param name="path">The socket: 0600. One that is left over there is replaced; the spool's lock has made sure that nobody listens on it.</param>
    /// <param name="user">Whose requests are taken, beside root's.</param>
    /// <param name="routes">What can be asked.</param>
    /// <param name="cancel">Ends the start.</param>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    public static async Task<ControlServer> StartAsync(string path, uint user, ControlRoutes routes, CancellationToken cancel)
    {
        if (!IsPath(path)) throw new IOException($"the control socket {path} cannot be made: a socket's path has at most {LongestPath} bytes");
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production", Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ControlJson.Default));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Limits.KeepAliveTimeout = Silence;
            kestrel.Limits.RequestHeadersTimeout = Silence;
            kestrel.Limits.MaxConcurrentConnections = 2048;
            kestrel.ListenUnixSocket(path, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => IsWelcome(connection, user) ? next(connection) : Refuse(connection));
            });
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        RemoveSocket(path);
        var web = builder.Build();
        try
        {
            // A limit of Kestrel's holds only for a body that somebody reads, and nobody does.
            web.Use(async (context, next) =>
            {
                if (context.Request.ContentLength > MaxBody || context.Request.Headers.TransferEncoding.Count > 0) context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                else await next(context).ConfigureAwait(false);
            });
            routes.Map(web);
            await web.StartAsync(cancel).ConfigureAwait(false);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return new(web, path);
        }
        catch (Exception e)
        {
            await web.DisposeAsync().ConfigureAwait(false);
            if (e is SocketException or UnauthorizedAccessException) throw new IOException($"the control socket {path} cannot be made: {e.Message}", e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync().ConfigureAwait(false);
        File.Delete(path);
    }

    /// <summary>A socket of an earlier run goes; anything else is somebody's.</summary>
    private static void RemoveSocket(string path)
    {
        using (var there = Libc.Open(path, Libc.PathOnly | Libc.NoFollow | Libc.CloseOnExec))
        {
            if (there.IsInvalid) return;
            if (Libc.Stat(there, "", Libc.EmptyPath, Libc.BasicStats, out var stats) != 0 || (stats.Mode & Libc.FormatMask) != Libc.Socket)
                throw new IOException($"the control socket {path} cannot be made: something that is no socket is there, and is left alone");
        }

        File.Delete(path);
    }

    private static bool IsWelcome(ConnectionContext connection, uint user) =>
        connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && PeerCredentials.UserOf(socket) is var peer && (peer == 0 || peer == user);

    private static Task Refuse(ConnectionContext connection)
    {
        connection.Abort(new ConnectionAbortedException("another user"));
        return Task.CompletedTask;
    }
}
