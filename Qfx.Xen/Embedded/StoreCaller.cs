using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>Whose rights a request has.</summary>
/// <param name="Domid">Who asks.</param>
/// <param name="Target">Whose rights it has beside its own, by SET_TARGET.</param>
internal readonly record struct StoreCaller(Domid Domid, Domid? Target)
{
    /// <summary>Guests are limited in what they may hold and do.</summary>
    public bool IsGuest => Domid != Domid.Zero;

    /// <summary>Owners may do everything, and so may dom0.</summary>
    public bool Owns(XsPermissions permissions) => !IsGuest || permissions.Owner == Domid || permissions.Owner == Target;

    /// <summary>What it may do: as the first entry that names it or its target says, else as everybody may.</summary>
    public XsAccess RightsOn(XsPermissions permissions)
    {
        if (Owns(permissions)) return XsAccess.Both;
        foreach (var entry in permissions.Entries.AsSpan()[1..])
        {
            if (entry.Domid == Domid || entry.Domid == Target) return entry.Access;
        }

        return permissions.Others;
    }
}
