using System.Globalization;
using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <summary>The embedded store without its sockets: takes one message of one client, and sends what comes of it.</summary>
/// <remarks>
/// Behaves as the C xenstored 4.17 does; docs/wire.md says where this was measured and where it differs. Not thread-safe:
/// one message at a time.
/// </remarks>
internal sealed partial class StoreCore
{
    /// <summary>Of all connections of a domain. The C server's quotas are 128 and 10, and it lets one more through.</summary>
    private const int GuestWatches = 129;
    private const int GuestTransactions = 11;

    private static readonly byte[] Ok = "OK\0"u8.ToArray();

    private readonly List<StoreConnection> connections = [];
    private readonly StoreNodes nodes = new();

    /// <param name="introduced">Called when dom0 asks for it; the edge opens or closes the domain's own socket.</param>
    public StoreCore(Action<Domid, bool> introduced) => this.introduced = introduced;

    public void Connect(StoreConnection connection) => connections.Add(connection);

    public void Disconnect(StoreConnection connection) => connections.Remove(connection);

    public (int Connections, int Watches, int Transactions) HeldBy(Domid domid)
    {
        var its = connections.Where(connection => connection.Domid == domid).ToArray();
        return (its.Length, its.Sum(connection => connection.Watches.Count), its.Sum(connection => connection.Transactions.Count));
    }

    /// <summary>One request. Answers and events go out through <see cref="StoreConnection.Send"/>, in the order of the C server.</summary>
    public void Handle(StoreConnection from, XsHeader header, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (!Enum.IsDefined(header.Type) || header.Type is XsType.Error or XsType.WatchEvent) throw new StoreException(XsError.ENOSYS);
            if (IsForDom0(header.Type) && from.IsGuest) throw new StoreException(XsError.EACCES);
            var transaction = header.TransactionId == 0 || header.Type is XsType.Watch or XsType.Unwatch ? null
                : from.Transactions.GetValueOrDefault(header.TransactionId) ?? throw new StoreException(XsError.ENOENT);
            switch (header.Type)
            {
                case XsType.Watch:
                    Watch(from, header, payload);
                    return;
                case XsType.TransactionEnd:
                    EndTransaction(from, header, transaction, payload);
                    return;
            }

            var answer = IsOfNodes(header.Type) ? Work(from, transaction, header.Type, payload) : Serve(from, header, payload);
            if (answer.Length > XsHeader.MaxPayload) throw new StoreException(XsError.E2BIG);
            from.Send(header.Type, header.RequestId, header.TransactionId, answer);
        }
        catch (StoreException e)
        {
            from.Send(XsType.Error, header.RequestId, header.TransactionId, Encoding.ASCII.GetBytes(e.Error.Name + "\0"));
        }
    }

    private static bool IsForDom0(XsType type) => type is XsType.Introduce or XsType.Release or XsType.Control or XsType.Resume
        or XsType.SetTarget or XsType.IsDomainIntroduced;

    private static bool IsOfNodes(XsType type) => type is XsType.Directory or XsType.DirectoryPart or XsType.Read or XsType.Write
        or XsType.Mkdir or XsType.Rm or XsType.GetPerms or XsType.SetPerms;

    /// <summary>Requests about nodes, in a transaction or at once.</summary>
    private byte[] Work(StoreConnection from, StoreTransaction? transaction, XsType type, ReadOnlySpan<byte> payload)
    {
        var view = new StoreView(nodes, transaction, Caller(from.Domid));
        var answer = Work(from, view, type, payload);
        Fire(view.Changes);
        return answer;
    }

    private byte[] Work(StoreConnection from, StoreView view, XsType type, ReadOnlySpan<byte> payload)
    {
        var rest = payload;
        var path = PathOf(from, Next(ref rest));
        switch (type)
        {
            case XsType.Read when rest.IsEmpty:
                return view.Read(path).ToArray();
            case XsType.Directory when rest.IsEmpty:
                return Join(view.List(path).Names);
            case XsType.DirectoryPart:
                return Part(view, path, unchecked((uint)Atoi(Next(ref rest))));
            case XsType.GetPerms when rest.IsEmpty:
                return Join(view.GetPermissions(path).Entries.Select(entry => entry.ToString()));
            case XsType.Write:
                view.Write(path, rest.ToArray());
                return Ok;
            case XsType.Mkdir when rest.IsEmpty:
                view.MakeDirectory(path);
                return Ok;
            case XsType.Rm when rest.IsEmpty:
                view.Remove(path);
                return Ok;
            case XsType.SetPerms:
                var entries = new List<string>();
                while (rest.Contains((byte)0)) entries.Add(Next(ref rest));    // what has no NUL is passed over
                if (!XsPermissions.TryParse(entries, out var permissions)) throw new StoreException(XsError.EINVAL);
                if (path.IsSpecial) SetSpecial(Caller(from.Domid), path, permissions);
                else view.SetPermissions(path, permissions);
                return Ok;
            default:
                throw new StoreException(XsError.EINVAL);
        }
    }

    private static byte[] Part(StoreView view, XsPath path, uint offset)
    {
        var node = view.List(path);
        var all = Join(node.Names);
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{node.Generation}\0"));
        if (offset >= all.Length) return [.. head, 0];
        var room = XsHeader.MaxPayload - head.Length - 1;
        var part = all.AsSpan((int)offset);
        if (part.Length <= room) return [.. head, .. part, 0];
        return [.. head, .. part[..(part[..room].LastIndexOf((byte)0) + 1)]];
    }

    private static string Next(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        if (end < 0) throw new StoreException(XsError.EINVAL);
        var text = Encoding.Latin1.GetString(rest[..end]);
        rest = rest[(end + 1)..];
        return text;
    }

    /// <summary>As the server's atoi reads it: digits after blanks and a sign; what is no number is 0.</summary>
    private static int Atoi(string text)
    {
        var digits = text.TrimStart();
        var negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+')) digits = digits[1..];
        var number = digits.TakeWhile(char.IsAsciiDigit).Aggregate(0L, (sum, digit) => Math.Min((sum * 10) + digit - '0', int.MaxValue));
        return (int)(negative ? -number : number);
    }

    private static XsPath PathOf(StoreConnection from, string text) =>
        TryPath(from, text, out var path) ? path : throw new StoreException(XsError.EINVAL);

    /// <summary>The absolute path that a client means.</summary>
    private static bool TryPath(StoreConnection from, string text, out XsPath path) =>
        XsPath.TryParse(text, out path)
        && (path.IsAbsolute || path.IsSpecial || XsPath.TryParse($"{from.Home}/{path}", out path));

    private static byte[] Join(IEnumerable<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts) text.Append(part).Append('\0');
        return Encoding.Latin1.GetBytes(text.ToString());
    }
}
