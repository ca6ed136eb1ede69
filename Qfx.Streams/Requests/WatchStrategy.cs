namespace Qfx.Streams.Requests;

/// <summary>When one watch on all domains takes the place of one watch for each.</summary>
/// <param name="Above">More domains than this are followed through one watch on <c>/local/domain</c>.</param>
/// <param name="Below">Fewer than this, and each has a watch of its own again. Well below the other, so that it does not go to and fro.</param>
/// <remarks>docs/decisions/0010 has the figures.</remarks>
public sealed record WatchStrategy(int Above, int Below)
{
    /// <summary>As measured.</summary>
    public static readonly WatchStrategy Default = new(1000, 700);
}
