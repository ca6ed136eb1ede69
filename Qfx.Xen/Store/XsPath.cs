using Qfx.Xen.Domains;

namespace Qfx.Xen.Store;

/// <summary>A path in xenstore that the server will not call malformed: absolute, relative to the caller's home, or special.</summary>
/// <remarks>
/// xenstore.txt, "Xenstore paths": parts of <c>A-Z a-z 0-9 - _ @</c> separated by single slashes, no slash at the end
/// (but for the root itself), at most 2,048 bytes, what stands before a domain's own part not counted. A relative path is looked up under the caller's <c>/local/domain/N</c>.
/// <c>@introduceDomain</c> and <c>@releaseDomain</c> can only be watched.
/// </remarks>
public readonly record struct XsPath
{
    /// <summary>
    /// XENSTORE_REL_PATH_MAX in xs_wire.h: bytes of a path, <c>/local/domain/N/</c> at its start not counted, so that a domain may use
    /// as much of it by either spelling. (oxenstored stops at 1,024.)
    /// </summary>
    public const int MaxLength = 2048;

    /// <summary><c>/</c></summary>
    public static readonly XsPath Root = new("/", trusted: true);

    /// <summary>Watch only: fires when a domain has been introduced to xenstored.</summary>
    public static readonly XsPath IntroduceDomain = new("@introduceDomain", trusted: true);

    /// <summary>Watch only: fires when a domain has shut down, and again when it is gone.</summary>
    public static readonly XsPath ReleaseDomain = new("@releaseDomain", trusted: true);

    private readonly string? text;

    private XsPath(string text, bool trusted)
    {
        _ = trusted;
        this.text = OrRoot(text);
    }

    /// <exception cref="FormatException">The text is no path; the message says why.</exception>
    public XsPath(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Fault(text) is { } fault) throw new FormatException($"Not a xenstore path: {fault}.");
        this.text = OrRoot(text);
    }

    /// <summary>The root is what a default value is: null.</summary>
    private static string? OrRoot(string text) => text == "/" ? null : text;

    /// <summary>Whether the path starts at the root.</summary>
    public bool IsAbsolute => Text[0] == '/';

    /// <summary>Whether it names an event of the server's instead of a node.</summary>
    public bool IsSpecial => Text[0] == '@';

    /// <summary>The part after the last slash; empty for the root.</summary>
    public string Name => Text[(Text.LastIndexOf('/') + 1)..];

    /// <summary>The path without its last part; null for the root, for a single relative part and for a special path.</summary>
    public XsPath? Parent => Text.LastIndexOf('/') switch
    {
        < 0 => null,
        0 => Text.Length == 1 ? null : Root,
        var slash => new XsPath(Text[..slash], trusted: true),
    };

    private string Text => text ?? "/";

    /// <summary><c>/local/domain/N</c>, the home of a domain.</summary>
    public static XsPath Home(Domid domid) => new($"/local/domain/{domid}", trusted: true);

    /// <summary>False for what the server would answer EINVAL to.</summary>
    public static bool TryParse(string text, out XsPath path)
    {
        path = default;
        if (text is null || Fault(text) is not null) return false;
        path = new XsPath(text, trusted: true);
        return true;
    }

    /// <summary>A node below this one; <paramref name="below"/> is one part or several, without a slash in front.</summary>
    /// <exception cref="FormatException">The result would be no path.</exception>
    public static XsPath operator /(XsPath path, string below) =>
        new(path.Text == "/" ? "/" + below : $"{path.Text}/{below}");

    /// <summary>True for the path itself and for everything below it.</summary>
    public bool Contains(XsPath other) =>
        Text == "/" ? other.IsAbsolute
        : other.Text.StartsWith(Text, StringComparison.Ordinal)
            && (other.Text.Length == Text.Length || other.Text[Text.Length] == '/');

    /// <summary>The path as it goes over the wire, without the NUL.</summary>
    public override string ToString() => Text;

    private static string? Fault(string text)
    {
        if (text.Length == 0) return "it is empty";
        if (text.Length > MaxLength && text.Length > MaxLength + HomeLength(text)) return $"it has {text.Length} characters, {MaxLength} are allowed";
        if (text.Length > 1 && text[^1] == '/') return "it ends with a slash";
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '/' && i > 0 && text[i - 1] == '/') return "it has two slashes in a row";
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('/' or '-' or '_' or '@'))
                return $"character {i + 1} is U+{(int)c:X4}, allowed are A-Z a-z 0-9 - _ @ and slashes";
        }

        return null;
    }

    /// <summary>Characters of <c>/local/domain/N/</c> at the start, N as the C server's <c>%5u</c> reads it; 0 without.</summary>
    private static int HomeLength(string text)
    {
        const string Homes = "/local/domain/";
        if (!text.StartsWith(Homes, StringComparison.Ordinal)) return 0;
        var end = text.IndexOf('/', Homes.Length);
        if (end < 0 || end - Homes.Length > 5) return 0;
        var digits = text.AsSpan(Homes.Length, end - Homes.Length);
        if (digits.StartsWith('-')) digits = digits[1..];
        return digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') ? 0 : end + 1;
    }
}
