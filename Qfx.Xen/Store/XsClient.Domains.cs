using System.Globalization;
using System.Text;
using Qfx.Xen.Connection;
using Qfx.Xen.Domains;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

/// <content>What is asked about domains and of the server itself. xenstore.txt, "Domain management and xenstored communications".</content>
public sealed partial class XsClient
{
    /// <inheritdoc/>
    public Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.IsDomainIntroduced, domid, [], ReadFlag, cancel);

    /// <summary>Tells xenstored of a domain and the page it talks through; <c>@introduceDomain</c> fires. Dom0 only.</summary>
    /// <param name="domid">The domain.</param>
    /// <param name="frame">Machine frame number of the page that the toolstack gave the domain for xenstore.</param>
    /// <param name="port">The domain's event channel for it; 1 or above.</param>
    /// <param name="cancel">Ends the waiting; the domain may be introduced all the same.</param>
    /// <remarks>xenstore.txt, INTRODUCE. Of a domain that is known already, it is no error and fires nothing.</remarks>
    public Task IntroduceAsync(Domid domid, ulong frame, uint port, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.Introduce, domid,
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{frame}\0{port}\0")), Done, cancel);

    /// <summary>Makes xenstored forget a domain; <c>@releaseDomain</c> fires and the nodes it owned vanish. Dom0 only.</summary>
    /// <remarks>xenstore.txt, RELEASE. ENOENT if the domain is not known.</remarks>
    public Task ReleaseAsync(Domid domid, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.Release, domid, [], Done, cancel);

    /// <summary>Where the relative paths of a domain begin. xenstore.txt, GET_DOMAIN_PATH; the domain need not exist.</summary>
    public Task<XsPath> GetDomainPathAsync(Domid domid, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.GetDomainPath, domid, [], ReadPath, cancel);

    /// <summary>Gives a domain the rights of another, as a device model has those of its guest. xenstore.txt, SET_TARGET; dom0 only.</summary>
    /// <param name="domid">Who gets them.</param>
    /// <param name="target">Whose.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public Task SetTargetAsync(Domid domid, Domid target, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.SetTarget, domid, Encoding.ASCII.GetBytes($"{target}\0"), Done, cancel);

    /// <summary>Tells xenstored that a domain which had shut down runs again. xenstore.txt, RESUME; dom0 only.</summary>
    public Task ResumeAsync(Domid domid, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.Resume, domid, [], Done, cancel);

    /// <summary>Asks the server itself for something, such as <c>help</c>. xenstore.txt, CONTROL; dom0 only.</summary>
    /// <param name="words">The command and its parameters, in ASCII and without NULs.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>What it says, as it comes.</returns>
    public Task<string> ControlAsync(IReadOnlyList<string> words, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Count == 0 || words.Any(word => word.Contains('\0', StringComparison.Ordinal) || !Ascii.IsValid(word)))
            throw new ArgumentException("A command is one or more words of ASCII without NULs.", nameof(words));
        var rest = string.Concat(words.Skip(1).Select(word => word + "\0"));
        return Ask(XsType.Control, words[0], words[0], Encoding.ASCII.GetBytes(rest), ReadAnything, cancel);
    }

    /// <summary>Makes the server forget all watches and transactions of this connection. xenstore.txt, RESET_WATCHES.</summary>
    /// <remarks>Live watches are registered again, and their subscribers told <see cref="WatchKind.Resync"/>. Older servers: ENOSYS.</remarks>
    public async Task ResetWatchesAsync(CancellationToken cancel = default)
    {
        var on = Connection();
        var reset = new XsCall<bool>(XsType.ResetWatches, null, Done);
        var answer = Task.FromResult(true);
        var before = watches.Again(on, () => answer = on.Ask(reset, transaction: 0, "", [], cancel));
        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (XenstoreException)
        {
            watches.Unwatch(on, before);    // they are still there, beside the new ones
            throw;
        }
    }

    private Task<T> AskAboutDomain<T>(XsType op, Domid domid, ReadOnlySpan<byte> rest, XsAnswer<T> read, CancellationToken cancel)
    {
        var name = domid.ToString();
        return Ask(op, name, name, rest, read, cancel);
    }

    private static bool ReadFlag(ReadOnlySpan<byte> payload) => XsPayload.Text(payload) switch
    {
        "T" => true,
        "F" => false,
        var other => throw new XsProtocolException($"T or F was expected, not {other.Length} other characters"),
    };

    private static XsPath ReadPath(ReadOnlySpan<byte> payload) => XsPath.TryParse(XsPayload.Text(payload), out var path)
        ? path : throw new FormatException("The domain's path is none.");

    private static string ReadAnything(ReadOnlySpan<byte> payload) => Encoding.Latin1.GetString(payload is [.., 0] ? payload[..^1] : payload);
}
