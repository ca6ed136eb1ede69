using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Qfx.Daemon.Control;

/// <summary>HTTP over connections that were accepted elsewhere.</summary>
internal static class ControlWeb
{
    /// <summary>No request needs more.</summary>
    private const int MaxBody = 4096;    // bytes

    /// <summary>Whoever connects and says nothing is let go after this time.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>A server that is not started yet.</summary>
    /// <param name="connections">Where its connections come from; its own from now on.</param>
    /// <param name="routes">What can be asked.</param>
    public static WebApplication Build(AcceptedConnections connections, ControlRoutes routes)
    {
        // Empty: no configuration is read from files beside it or from the environment, and no log but the daemon's is written.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production", Args = [] });
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ControlJson.Default));
        builder.Services.AddSingleton<IConnectionListenerFactory>(connections);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Limits.KeepAliveTimeout = Silence;
            kestrel.Limits.RequestHeadersTimeout = Silence;
            kestrel.Limits.MaxConcurrentConnections = 2048;
            kestrel.Listen(connections.EndPoint, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var web = builder.Build();

        // A limit of Kestrel's holds only for a body that somebody reads, and nobody does.
        web.Use(async (context, next) =>
        {
            if (context.Request.ContentLength > MaxBody || context.Request.Headers.TransferEncoding.Count > 0) context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            else await next(context).ConfigureAwait(false);
        });
        routes.Map(web);
        return web;
    }

    /// <summary>What can be asked: a method and a path each, such as <c>get /status</c>.</summary>
    public static IEnumerable<string> RoutesOf(WebApplication web) => ((IEndpointRouteBuilder)web).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .SelectMany(route => route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => $"{method.ToLowerInvariant()} {route.RoutePattern.RawText}"));
}
