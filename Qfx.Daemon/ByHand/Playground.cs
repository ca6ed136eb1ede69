using Qfx.Daemon.Control;
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

    /// <summary>Locked while it is in use, and the mark of a folder that is ours to make afresh.</summary>
    private const string Mark = "qfx-up.lock";

    /// <summary>One for each user; nobody else can have made it.</summary>
    public static string Default => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? runtime : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "qfx-up");

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
    /// <exception cref="IOException">Another one has it, or somebody's files are there.</exception>
    public IDisposable Open(string guest)
    {
        if (!File.Exists(guest)) throw new IOException($"the guest's program {guest} is not there");
        if (EmbeddedXenstore.SocketIn(Store, new Domid(Domid.MaxValue)) is { } longest && !ControlServer.IsPath(longest)) throw new IOException($"it is too long: the path of a socket below it, {longest}, has over {ControlServer.LongestPath} bytes");
        if (Directory.Exists(Root) && !File.Exists(Path.Combine(Root, Mark)) && Directory.EnumerateFileSystemEntries(Root).Any())
            throw new IOException("there are files in it that no ./qfx up has made: a folder that is empty, or not there yet, is taken");
        Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var held = new FileStream(Path.Combine(Root, Mark), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
