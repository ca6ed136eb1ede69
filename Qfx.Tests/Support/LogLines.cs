using Microsoft.Extensions.Logging;

namespace Qfx.Tests.Support;

/// <summary>What was logged.</summary>
internal sealed class LogLines : ILogger
{
    private readonly Lock gate = new();
    private readonly List<(LogLevel Level, string Text)> lines = [];
    private readonly List<(LogLevel Level, string Part, TaskCompletionSource Done)> waiting = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate) return [.. lines.Select(line => line.Text)];
        }
    }

    public Task Until(LogLevel level, string part)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (lines.Any(line => line.Level == level && line.Text.Contains(part, StringComparison.Ordinal))) done.SetResult();
            else waiting.Add((level, part, done));
        }

        return done.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        lock (gate)
        {
            lines.Add((logLevel, text));
            foreach (var wait in waiting.Where(wait => wait.Level == logLevel && text.Contains(wait.Part, StringComparison.Ordinal))) wait.Done.TrySetResult();
        }
    }
}
