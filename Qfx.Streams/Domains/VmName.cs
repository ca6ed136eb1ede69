namespace Qfx.Streams.Domains;

/// <summary>The name of a VM that may take part in an exchange.</summary>
/// <remarks>
/// <c>[A-Za-z0-9][A-Za-z0-9_.-]{0,30}</c>, and neither <c>Domain-0</c> nor the word <c>disposable</c>
/// (docs/protocol.md, "Names"). Nothing in it means anything to a shell, a path, a markup or a terminal.
/// </remarks>
public readonly record struct VmName
{
    /// <summary>Letters a name may have.</summary>
    public const int MaxLength = 31;

    private readonly string? text;

    private VmName(string text) => this.text = text;

    /// <summary>False for what may not take part by name.</summary>
    public static bool TryParse(string? text, out VmName name)
    {
        name = default;
        if (text is null || text.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(text[0])) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-')) return false;
        }

        if (text is "Domain-0" or "disposable") return false;
        name = new(text);
        return true;
    }

    /// <exception cref="FormatException">Not the name of a VM that may take part.</exception>
    public static VmName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException("Not the name of a VM that may take part in an exchange.");

    /// <summary>The bare name; empty for a default value, which no VM bears.</summary>
    public override string ToString() => text ?? "";
}
