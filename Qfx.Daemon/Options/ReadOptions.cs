using System.Collections.Immutable;

namespace Qfx.Daemon.Options;

/// <summary>What was read from the configuration's files.</summary>
/// <param name="Options">With a fault, not to be used.</param>
/// <param name="Problems">Every fault, a sentence each.</param>
/// <param name="Set">What the files have set, as it stands there, and the file that did, by <c>section:key</c>; the rest are defaults.</param>
/// <param name="Files">Those that were read, a later one over an earlier one.</param>
internal sealed record ReadOptions(
    DaemonOptions Options, ImmutableArray<string> Problems, ImmutableSortedDictionary<string, (string Text, string File)> Set, ImmutableArray<string> Files)
{
    public void Deconstruct(out DaemonOptions options, out IReadOnlyList<string> problems) => (options, problems) = (Options, Problems);
}
