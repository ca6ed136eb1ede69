namespace Qfx.Bench.Goals;

/// <summary>The programs as they are shipped (<c>./qfx publish</c>), and those that they are compared with.</summary>
internal static class Shipped
{
    /// <summary>Debian's own, which its xenstore binding is made for.</summary>
    public const string Python = "/usr/bin/python3";

    private static readonly string Out = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../out"));

    public static string Daemon => Path.Combine(Out, "qfilexchgd");

    public static string Guest => Path.Combine(Out, "qfx-guest");

    /// <summary>A peer that is a script.</summary>
    public static string Peer(string name) => Path.Combine(AppContext.BaseDirectory, "peers", name);

    /// <summary>Why they cannot be run, as a sentence; null if they can.</summary>
    public static string? Missing =>
        !File.Exists(Daemon) || !File.Exists(Guest) ? $"There are no native programs in {Out}: ./qfx publish makes them."
        : !File.Exists(Python) ? $"There is no {Python}."
        : Directory.GetDirectories("/usr/lib", "xen-*").All(xen => !Directory.Exists(Path.Combine(xen, "lib/python/xen/lowlevel"))) ? "There is no xenstore binding for Python: install xen-utils."
        : null;
}
