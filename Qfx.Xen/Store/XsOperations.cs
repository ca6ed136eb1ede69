using System.Globalization;
using System.Text;
using Qfx.Xen.Connection;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

/// <summary>The requests that name a node, in one transaction (or in none: 0).</summary>
internal sealed class XsOperations(IXsAsk client, uint transaction) : IXsOperations
{
    private const int PartAttempts = 16;

    private volatile bool ended;

    /// <summary>From here on the operations only throw: the transaction's number means nothing any more.</summary>
    public void End() => ended = true;

    public Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel) =>
        Ask(XsType.Read, path, [], static payload => payload.ToArray(), cancel);

    public async Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel)
    {
        try
        {
            return await Ask(XsType.Directory, path, [], XsPayload.List, cancel).ConfigureAwait(false);
        }
        catch (XenstoreException e) when (e.Error == XsError.E2BIG)
        {
            return await ListByPartsAsync(path, cancel).ConfigureAwait(false);
        }
    }

    public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel) =>
        Ask(XsType.Write, path, value.Span, XsClient.Done, cancel);

    public Task MakeAsync(XsPath path, CancellationToken cancel) =>
        Ask(XsType.Mkdir, path, [], XsClient.Done, cancel);

    public Task RemoveAsync(XsPath path, CancellationToken cancel) =>
        Ask(XsType.Rm, path, [], XsClient.Done, cancel);

    public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel) =>
        Ask(XsType.GetPerms, path, [], ReadPermissions, cancel);

    public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(permissions);
        var entries = string.Concat(permissions.Entries.Select(entry => $"{entry}\0"));
        return Ask(XsType.SetPerms, path, Encoding.ASCII.GetBytes(entries), XsClient.Done, cancel);
    }

    /// <summary>
    /// xenstore.txt, DIRECTORY_PART: from the start again when the list has changed between two parts. Whoever answers with parts
    /// without end is refused at what a list may have at most.
    /// </summary>
    private async Task<IReadOnlyList<string>> ListByPartsAsync(XsPath path, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < PartAttempts; attempt++)
        {
            var names = new List<string>();
            var offset = 0;
            string? generation = null;
            while (true)
            {
                var rest = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{offset}\0"));
                var part = await Ask(XsType.DirectoryPart, path, rest, XsPayload.List, cancel).ConfigureAwait(false);
                if (part.Count < 2) throw new XenstoreException(XsType.DirectoryPart, path.ToString(), XsError.EINVAL);
                generation ??= part[0];
                if (part[0] != generation) break;
                var last = part[^1].Length == 0;
                var found = part.Skip(1).SkipLast(last ? 1 : 0).ToArray();
                if (found.Contains("")) throw new XenstoreException(XsType.DirectoryPart, path.ToString(), XsError.EINVAL);
                names.AddRange(found);
                if (last) return names;
                offset += found.Sum(name => name.Length + 1);
                if (offset > XsHeader.MaxDirectory) throw new XenstoreException(XsType.DirectoryPart, path.ToString(), XsError.E2BIG);
            }
        }

        throw new XenstoreException(XsType.DirectoryPart, path.ToString(), XsError.EAGAIN);
    }

    private Task<T> Ask<T>(XsType op, XsPath path, ReadOnlySpan<byte> rest, XsAnswer<T> read, CancellationToken cancel)
    {
        if (ended) throw new InvalidOperationException("The transaction has ended: its operations are for its body alone.");
        var name = path.ToString();
        return client.Ask(new XsCall<T>(op, name, read), transaction, name, rest, cancel);
    }

    // A guest may give rights on its nodes to what is no domain (r65535): nobody has them, so they are left out.
    private static XsPermissions ReadPermissions(ReadOnlySpan<byte> payload)
    {
        var entries = XsPayload.List(payload);
        if (entries.Count == 0 || !XsPermission.TryParse(entries[0], out var owner)) throw new FormatException("The owner is no domain.");
        var others = entries.Skip(1).Select(entry => XsPermission.TryParse(entry, out var other) ? other : (XsPermission?)null).OfType<XsPermission>();
        return new([owner, .. others]);
    }
}
