using Qfx.Guest.Pendrive;
using Qfx.Xen.Store;

namespace Qfx.Guest.Host;

/// <summary>Where a VM keeps things; a simulated VM says so through its environment.</summary>
/// <param name="Devices">Where disks appear: /dev, or <c>QFX_DEV</c>.</param>
/// <param name="RunFolder">For the lock: /run/qfx, or <c>QFX_RUN</c>.</param>
/// <param name="Incoming">Where files arrive: /mnt/incoming, or <c>QFX_INCOMING</c>.</param>
/// <param name="Pendrive">How a pendrive is read and written: by mounting it, or with mtools where <c>QFX_PENDRIVE=mtools</c>.</param>
internal sealed record GuestHost(string Devices, string RunFolder, string Incoming, IPendrive Pendrive)
{
    private const string Run = "/run/qfx";
    private const string OldRun = "/run/lock";

    public static GuestHost FromEnvironment()
    {
        var incoming = Variable("QFX_INCOMING") ?? "/mnt/incoming";
        var settings = GuestSettings.Read(Variable("QFX_SETTINGS") ?? GuestSettings.Path);
        var simulated = Variable("QFX_PENDRIVE") switch
        {
            null or "mount" => false,
            "mtools" => true,
            _ => throw new GuestException(ExitCode.Usage, "QFX_PENDRIVE is mount or mtools."),
        };
        return new(
            Variable("QFX_DEV") ?? "/dev",
            Variable("QFX_RUN") ?? (Directory.Exists(Run) ? Run : OldRun),
            incoming,
            simulated ? new MtoolsPendrive(incoming) : new MountedPendrive(Variable("QFX_OUTGOING") ?? "/mnt/outgoing", incoming, settings.IncomingWritable))
        {
            Settings = settings,
            IsSimulated = simulated,
        };
    }

    /// <summary>What the person who runs this VM has set.</summary>
    public GuestSettings Settings { get; init; } = new();

    /// <summary>Whether all of this VM's programs run as one user, in a folder.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Where this VM's xenstore is: the kernel's device for root, and for everybody else the few keys that they are given.</summary>
    public XsEndpoint Store { get; init; } = Variable(XsEndpoint.Variable) is null && Libc.EffectiveUser() != 0 && File.Exists(Door)
        ? XsEndpoint.Socket(Door)
        : XsEndpoint.FromEnvironment();

    /// <summary>The disk that this VM sends.</summary>
    public string Outgoing => Path.Combine(Devices, "xvdg");

    /// <summary>The disk that has come.</summary>
    public string Arrived => Path.Combine(Devices, "xvdh");

    /// <summary>Where qfx-guest-door.socket listens.</summary>
    private static string Door => $"{Run}/xenstore";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
