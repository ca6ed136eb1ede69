using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>The embedded store says no.</summary>
internal sealed class StoreException(XsError error) : Exception(error.Name)
{
    public XsError Error { get; } = error;
}
