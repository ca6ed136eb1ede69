using System.Text;

namespace Qfx.Xen.Store;

/// <summary>Values as text, for nodes that the toolstack or this project writes.</summary>
public static class XenstoreText
{
    /// <summary>A value as UTF-8 text; what is not UTF-8 becomes U+FFFD. Never for what a guest wrote.</summary>
    public static async Task<string> ReadTextAsync(this IXsOperations store, XsPath path, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Encoding.UTF8.GetString(await store.ReadAsync(path, cancel).ConfigureAwait(false));
    }

    /// <summary>The same, null where there is no such node.</summary>
    public static async Task<string?> TryReadTextAsync(this IXsOperations store, XsPath path, CancellationToken cancel = default) =>
        await store.TryReadAsync(path, cancel).ConfigureAwait(false) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>A value, null where there is no such node.</summary>
    public static async Task<byte[]?> TryReadAsync(this IXsOperations store, XsPath path, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        try
        {
            return await store.ReadAsync(path, cancel).ConfigureAwait(false);
        }
        catch (XenstoreException e) when (e.Error == XsError.ENOENT)
        {
            return null;
        }
    }

    /// <summary>Writes text as UTF-8.</summary>
    public static Task WriteTextAsync(this IXsOperations store, XsPath path, string text, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.WriteAsync(path, Encoding.UTF8.GetBytes(text), cancel);
    }
}
