using System.Globalization;
using Qfx.Xen.Store;

namespace Qfx.Guest.Exchange;

/// <summary>What dom0 says of the pendrive that has come: docs/protocol.md, "Keys".</summary>
/// <param name="Sender">The VM that it is from; a legal name.</param>
/// <param name="Seq">Of an exchange with a disposable VM; 0 for a plain copy.</param>
/// <param name="Kind"><c>vfat</c>, <c>archive</c>, <c>request</c>, <c>view</c> or <c>reply</c>; null from a daemon of 2010.</param>
internal sealed record Arrival(string Sender, int Seq, string? Kind)
{
    private const string Unknown = "unknown";

    /// <summary>Reads the receiver's three keys, all as they were at one time. What is no legal name or number counts as none.</summary>
    /// <returns>Null where dom0 says nothing of any pendrive: what is at xvdh is none.</returns>
    public static Task<Arrival?> ReadAsync(IXenstore store, CancellationToken cancel) => store.TransactAsync(
        async (tx, ct) =>
        {
            var from = await tx.TryReadTextAsync(new("qubes_blocksrc"), ct).ConfigureAwait(false);
            var number = await tx.TryReadTextAsync(new("qubes_transaction_seq"), ct).ConfigureAwait(false);
            var kind = await tx.TryReadTextAsync(new("qubes_pen_kind"), ct).ConfigureAwait(false);
            return from is null ? null : new Arrival(
                VmNames.IsLegal(from) ? from : Unknown,
                int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : 0,
                kind);
        },
        cancel);
}
