namespace Qfx.Guest.Progress;

/// <summary>For output that nobody looks at while it comes.</summary>
internal sealed class NoProgress : IProgressView
{
    public CancellationToken Closed => CancellationToken.None;

    public void Show(Reading reading)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
