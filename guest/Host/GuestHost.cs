using Qfx.Guest.Pendrive;

namespace Qfx.Guest.Host;

/// <summary>Where a VM keeps things; a simulated VM says so through its environment.</summary>
/// <param name="Devices">Where disks appear: /dev, or <c>QFX_DEV</c>.</param>
/// <param name="RunFolder">For the lock: /run/lock, or <c>QFX_RUN</c>.</param>
/// <param name="Incoming">Where files arrive: /mnt/incoming, or <c>QFX_INCOMING</c>.</param>
/// <param name="Pendrive">How a pendrive is read and written: by mounting it, or with mtools where <c>QFX_PENDRIVE=mtools</c>.</param>
internal sealed record GuestHost(string Devices, string RunFolder, string Incoming, IPendrive Pendrive)
{
    public static GuestHost FromEnvironment()
    {
        var incoming = Variable("QFX_INCOMING") ?? "/mnt/incoming";
        return new(
            Variable("QFX_DEV") ?? "/dev",
            Variable("QFX_RUN") ?? "/run/lock",
            incoming,
            Variable("QFX_PENDRIVE") switch
            {
                null or "mount" => new MountedPendrive("/mnt/outgoing", incoming),
                "mtools" => new MtoolsPendrive(incoming),
                _ => throw new GuestException(ExitCode.Usage, "QFX_PENDRIVE is mount or mtools."),
            });
    }

    /// <summary>The disk that this VM sends.</summary>
    public string Outgoing => Path.Combine(Devices, "xvdg");

    /// <summary>The disk that has come.</summary>
    public string Arrived => Path.Combine(Devices, "xvdh");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
