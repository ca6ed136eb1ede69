using Qfx.Daemon.Demo;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;

namespace Qfx.Daemon.ByHand;

/// <summary>The folder of one <c>up</c>: the store's sockets, disks, images, and a home for each simulated VM.</summary>
/// <param name="Root">Its absolute path.</param>
internal sealed record Playground(string Root)
{
    /// <summary>What a person types in a VM.</summary>
    private static readonly string[] Programs = ["qubes_penctl", "qvm-copy-to-vm", "qvm-move-to-vm", "qvm-open-in-dvm", "qvm-view-in-dvm"];

    /// <summary>One for each user; nobody else can have made it.</summary>
    public static string Default => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? runtime : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "qfx-up");

    public string Store => Path.Combine(Root, "store");

    public string Spool => Path.Combine(Root, "spool");

    public string Devices => Path.Combine(Root, "devices");

    /// <summary>Where <c>qfilexchgd watch --socket</c> asks.</summary>
    public string Control => Path.Combine(Root, "control");

    public string Policy => Path.Combine(Root, "policy");

    /// <summary>The guest's programs under their names, for the PATH of a VM's shell.</summary>
    public string Bin => Path.Combine(Root, "bin");

    /// <summary>Where a domain finds xenstore, as <see cref="EmbeddedXenstore.SocketOf"/> has it.</summary>
    public string SocketOf(Domid domid) => EmbeddedXenstore.SocketIn(Store, domid);

    /// <summary>A VM of this playground.</summary>
    public SimulatedVm Vm(SimulatedDomain domain, string guest, Action<string, string> say, IReadOnlyDictionary<string, string>? environment = null) =>
        new(domain, guest, SocketOf(domain.Domid), Path.Combine(Devices, domain.Domid.ToString()), Path.Combine(Root, "vms", domain.Name), say)
        {
            Environment = environment ?? new Dictionary<string, string>(),
        };

    /// <summary>Makes it afresh; the homes of its VMs stay as they were.</summary>
    /// <returns>Keeps others out until it is disposed.</returns>
    /// <exception cref="IOException">Another one has it.</exception>
    public IDisposable Open(string guest)
    {
        Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var held = new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        foreach (var folder in new[] { Store, Spool, Devices, Policy, Bin }.Where(Directory.Exists)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(Bin);
        foreach (var program in Programs)
        {
            var script = Path.Combine(Bin, program);
            File.WriteAllText(script, $"#!/bin/sh\nexec '{guest.Replace("'", "'\\''", StringComparison.Ordinal)}' {program} \"$@\"\n");
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return held;
    }
}
