using System.Reactive.Linq;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Qfx.Daemon.Logging;
using Serilog.Events;

namespace Qfx.Daemon.Control;

/// <summary>What can be asked on the control socket; <c>openapi.json</c> describes it. No route answers a question.</summary>
internal sealed class ControlRoutes(ControlBoard board, ControlOrders orders, LogLevels levels, ControlMetrics metrics)
{
    private const string Document = "openapi.json";

    /// <summary>Events that wait for a reader that is slow; when there are more it misses some, and sees it by their numbers.</summary>
    private const int Waiting = 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/overview", board.Overview);
        routes.MapGet("/status", board.Status);
        routes.MapGet("/domains", board.Domains);
        routes.MapGet("/pendrives", board.Pendrives);
        routes.MapGet("/questions", board.Questions);
        routes.MapGet("/dvms", board.Dvms);
        routes.MapGet("/history", board.History);
        routes.MapGet("/events", EventsAsync);
        routes.MapGet("/metrics", () => Results.Text(metrics.Prometheus(), "text/plain; version=0.0.4"));
        routes.MapGet("/openapi.json", () => Results.Stream(typeof(ControlRoutes).Assembly.GetManifestResourceStream(Document)!, "application/json"));
        routes.MapGet("/loglevel", () => new LevelView(levels.Least.ToString().ToLowerInvariant()));
        routes.MapPost("/cancel/{id}", (string id) => Answer(orders.Cancel(id)));
        routes.MapPost("/detach/{id}", (string id) => Answer(orders.Detach(id)));
        routes.MapPost("/reload", Reload);
        routes.MapPost("/loglevel/{level}", SetLevel);
    }

    private IResult Reload()
    {
        orders.Reload();
        return Json(new("the configuration and the policy are read again; the journal says what came of it"), StatusCodes.Status202Accepted);
    }

    private IResult SetLevel(string level)
    {
        if (!Enum.GetNames<LogEventLevel>().Contains(level, StringComparer.OrdinalIgnoreCase) || !Enum.TryParse<LogEventLevel>(level, ignoreCase: true, out var least))
            return Json(new($"a level is {string.Join(", ", Enum.GetNames<LogEventLevel>()).ToLowerInvariant()}"), StatusCodes.Status400BadRequest);
        levels.Least = least;
        return Json(new($"the log has what is {least.ToString().ToLowerInvariant()} or worse"), StatusCodes.Status200OK);
    }

    /// <summary>Those that are remembered, then each as it comes: a JSON object a line, until the reader leaves.</summary>
    private async Task EventsAsync(HttpContext context)
    {
        var waiting = Channel.CreateBounded<EventView>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest });
        using var listening = board.Events.Subscribe(told => waiting.Writer.TryWrite(told));
        context.Response.ContentType = "application/x-ndjson";
        long last = 0;
        foreach (var told in board.Recent()) last = await WriteAsync(context, told).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            await foreach (var told in waiting.Reader.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
            {
                if (told.Number <= last) continue;    // it was among those that are remembered
                await WriteAsync(context, told).ConfigureAwait(false);
                if (waiting.Reader.Count == 0) await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The reader has left, or the daemon ends.
        }
    }

    private static async Task<long> WriteAsync(HttpContext context, EventView told)
    {
        await context.Response.WriteAsync(JsonSerializer.Serialize(told, ControlJson.Default.EventView) + "\n", context.RequestAborted).ConfigureAwait(false);
        return told.Number;
    }

    private static IResult Answer((bool Taken, string Text)? answer) => answer switch
    {
        null => Json(new("there is no such pendrive or question"), StatusCodes.Status404NotFound),
        (true, var text) => Json(new(text), StatusCodes.Status202Accepted),
        (false, var text) => Json(new(text), StatusCodes.Status409Conflict),
    };

    private static IResult Json(AnswerView answer, int status) => Results.Json(answer, ControlJson.Default.AnswerView, statusCode: status);
}
