using System.Runtime.InteropServices;

namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>Who this program is.</summary>
internal static partial class Identity
{
    /// <summary>Its effective uid.</summary>
    public static uint Own => EffectiveUid();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint EffectiveUid();
}
