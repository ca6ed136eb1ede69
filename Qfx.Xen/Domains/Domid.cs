using System.Globalization;

namespace Qfx.Xen.Domains;

/// <summary>The number Xen gives a running domain: 0 for dom0, 1 … 32751 for guests, never reused until the counter wraps.</summary>
/// <remarks>xen/include/public/xen.h, DOMID_FIRST_RESERVED (0x7FF0): what is above is not a domain.</remarks>
public readonly record struct Domid : IComparable<Domid>
{
    /// <summary>The largest number a domain can bear, DOMID_FIRST_RESERVED − 1.</summary>
    public const int MaxValue = 0x7FEF;

    /// <summary>The control domain.</summary>
    public static readonly Domid Zero;

    /// <exception cref="ArgumentOutOfRangeException">Not within 0 … <see cref="MaxValue"/>.</exception>
    public Domid(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        Value = value;
    }

    /// <summary>The bare number.</summary>
    public int Value { get; }

    /// <summary>Reads a domid as xenstore spells it: decimal, no sign, no leading zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Domid domid)
    {
        domid = default;
        if (text.Length is 0 or > 5 || (text.Length > 1 && text[0] == '0')) return false;
        if (text.ContainsAnyExceptInRange('0', '9')) return false;    // int.TryParse takes NULs at the end
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > MaxValue) return false;
        domid = new(value);
        return true;
    }

    /// <summary>The same of bytes, as they come over the wire.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Domid domid)
    {
        domid = default;
        if (text.Length is 0 or > 5) return false;
        Span<char> characters = stackalloc char[text.Length];
        return System.Text.Ascii.ToUtf16(text, characters, out _) == System.Buffers.OperationStatus.Done && TryParse(characters, out domid);
    }

    /// <inheritdoc/>
    public int CompareTo(Domid other) => Value.CompareTo(other.Value);

    /// <summary>Lower numbers come first.</summary>
    public static bool operator <(Domid left, Domid right) => left.Value < right.Value;

    /// <summary>Lower numbers come first.</summary>
    public static bool operator >(Domid left, Domid right) => left.Value > right.Value;

    /// <summary>Lower numbers come first.</summary>
    public static bool operator <=(Domid left, Domid right) => left.Value <= right.Value;

    /// <summary>Lower numbers come first.</summary>
    public static bool operator >=(Domid left, Domid right) => left.Value >= right.Value;

    /// <summary>The bare number, in decimal.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
