using Qfx.Xen.Store;

namespace Qfx.Tests.Support.Xenstored;

/// <summary>All that a store holds, to be put into another one, or into the same one after its server was killed.</summary>
internal sealed class StoreCopy
{
    // Parents before their children.
    private readonly List<(XsPath Path, byte[] Value, XsPermissions Permissions)> nodes = [];

    private StoreCopy()
    {
    }

    /// <summary>Reads everything below the root, a level of the tree at a time.</summary>
    public static async Task<StoreCopy> OfAsync(IXenstore store, CancellationToken cancel)
    {
        var copy = new StoreCopy();
        for (XsPath[] level = [XsPath.Root]; level.Length > 0;)
        {
            var found = await Task.WhenAll(level.Select(async path => (
                Path: path, Value: await store.ReadAsync(path, cancel), Permissions: await store.GetPermissionsAsync(path, cancel), Names: await store.ListAsync(path, cancel))));
            copy.nodes.AddRange(found.Select(node => (node.Path, node.Value, node.Permissions)));
            level = [.. found.SelectMany(node => node.Names.Select(name => node.Path / name))];
        }

        return copy;
    }

    /// <summary>Writes everything.</summary>
    public async Task PutAsync(IXenstore store, CancellationToken cancel) => await Task.WhenAll(nodes.SelectMany(node =>
        new[] { store.WriteAsync(node.Path, node.Value, cancel), store.SetPermissionsAsync(node.Path, node.Permissions, cancel) }));
}
