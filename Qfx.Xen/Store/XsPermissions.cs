using System.Collections.Immutable;
using System.Text;
using Qfx.Xen.Domains;

namespace Qfx.Xen.Store;

/// <summary>What a domain may do with a node.</summary>
[Flags]
public enum XsAccess
{
    /// <summary><c>n</c></summary>
    None = 0,

    /// <summary><c>r</c></summary>
    Read = 1,

    /// <summary><c>w</c></summary>
    Write = 2,

    /// <summary><c>b</c></summary>
    Both = Read | Write,
}

/// <summary>One entry of a node's permissions, such as <c>b5</c>.</summary>
public readonly record struct XsPermission(XsAccess Access, Domid Domid)
{
    /// <summary>A letter and a number, as on the wire.</summary>
    public override string ToString() => Access switch
    {
        XsAccess.None => "n",
        XsAccess.Read => "r",
        XsAccess.Write => "w",
        _ => "b",
    } + Domid;

    /// <summary>False for anything but one of <c>n r w b</c> and a domid.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out XsPermission permission)
    {
        permission = default;
        if (text.Length < 2 || !Domid.TryParse(text[1..], out var domid)) return false;
        XsAccess? access = text[0] switch
        {
            'n' => XsAccess.None,
            'r' => XsAccess.Read,
            'w' => XsAccess.Write,
            'b' => XsAccess.Both,
            _ => null,
        };
        if (access is null) return false;
        permission = new(access.Value, domid);
        return true;
    }
}

/// <summary>A node's permissions, such as <c>n0 b5</c>.</summary>
/// <remarks>
/// xenstore.txt, SET_PERMS: the first entry names the owner, who may do everything, and with its letter what everybody
/// not named may do; each further entry is for one domain.
/// </remarks>
public sealed class XsPermissions : IEquatable<XsPermissions>
{
    /// <exception cref="ArgumentException">No entry: a node always has an owner.</exception>
    public XsPermissions(params ImmutableArray<XsPermission> entries)
    {
        if (entries.IsDefaultOrEmpty) throw new ArgumentException("A node has an owner: at least one entry.", nameof(entries));
        Entries = entries;
    }

    /// <summary>In the order of the wire; never empty.</summary>
    public ImmutableArray<XsPermission> Entries { get; }

    /// <summary>Who may do everything, whatever the letters say.</summary>
    public Domid Owner => Entries[0].Domid;

    /// <summary>What everybody not named may do.</summary>
    public XsAccess Others => Entries[0].Access;

    /// <summary>Owned by dom0; <paramref name="guest"/> reads and writes it, nobody else sees it: <c>n0 bN</c>.</summary>
    public static XsPermissions GuestWrites(Domid guest) =>
        new(new XsPermission(XsAccess.None, Domid.Zero), new XsPermission(XsAccess.Both, guest));

    /// <summary>Owned by dom0; <paramref name="guest"/> reads it, nobody else sees it: <c>n0 rN</c>.</summary>
    public static XsPermissions GuestReads(Domid guest) =>
        new(new XsPermission(XsAccess.None, Domid.Zero), new XsPermission(XsAccess.Read, guest));

    /// <summary>What <paramref name="domid"/> may do. Domain 0 and the owner may do everything.</summary>
    public XsAccess For(Domid domid)
    {
        if (domid == Domid.Zero || domid == Owner) return XsAccess.Both;
        for (var i = 1; i < Entries.Length; i++)
        {
            if (Entries[i].Domid == domid) return Entries[i].Access;
        }

        return Others;
    }

    /// <summary>Reads <c>n0 b5</c>.</summary>
    /// <exception cref="FormatException">An entry is no permission, or there is none.</exception>
    public static XsPermissions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var permissions)
            ? permissions
            : throw new FormatException("Permissions are one or more of n, r, w, b, each with a domid.");
    }

    /// <summary>Reads the entries as they stand on the wire.</summary>
    public static bool TryParse(IReadOnlyCollection<string> entries, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out XsPermissions? permissions)
    {
        ArgumentNullException.ThrowIfNull(entries);
        permissions = null;
        var parsed = ImmutableArray.CreateBuilder<XsPermission>(entries.Count);
        foreach (var entry in entries)
        {
            if (!XsPermission.TryParse(entry, out var permission)) return false;
            parsed.Add(permission);
        }

        if (parsed.Count == 0) return false;
        permissions = new(parsed.ToImmutable());
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(XsPermissions? other) => other is not null && Entries.AsSpan().SequenceEqual(other.Entries.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as XsPermissions);

    /// <inheritdoc/>
    public override int GetHashCode() => Entries.Aggregate(0, HashCode.Combine);

    /// <summary>The entries, separated by blanks.</summary>
    public override string ToString() => new StringBuilder().AppendJoin(' ', Entries).ToString();
}
