using System.Text;
using Qfx.Guest.Copying;
using Qfx.Guest.Host;

namespace Qfx.Guest.Commands;

/// <summary>What cannot be sent, said in one message that ends with what can be done.</summary>
internal static class Obstacles
{
    /// <summary>So many are named; the rest is counted.</summary>
    public const int Most = 20;

    /// <summary>For a terminal: the ways out are options.</summary>
    public static string Text(IReadOnlyList<Obstacle> obstacles, SendOptions options)
    {
        var text = new StringBuilder("Nothing was asked or sent. ").Append(List(obstacles));
        text.Append("What can be done: ");
        if (!options.Archive) text.Append("--archive sends names, sizes and links as they are; ");
        if (!options.Archive && !options.Follow && obstacles.Any(obstacle => obstacle.Why.Contains("link", StringComparison.Ordinal))) text.Append("--follow sends what links lead to; ");
        return text.Append("--skip leaves these out; or rename them.").ToString();
    }

    /// <summary>For a window: the ways out are buttons.</summary>
    public static string List(IReadOnlyList<Obstacle> obstacles)
    {
        var text = new StringBuilder("This cannot be put on a pendrive as it is:\n");
        foreach (var obstacle in obstacles.Take(Most)) text.Append("  ").Append(Printable.Of(obstacle.Path)).Append(' ').Append(obstacle.Why).Append('\n');
        if (obstacles.Count > Most) text.Append(FormattableString.Invariant($"  and {obstacles.Count - Most} more\n"));
        return text.ToString();
    }
}
