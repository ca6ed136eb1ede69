using Qfx.Guest.Archive;
using Qfx.Guest.Exchange;

namespace Qfx.Guest.Commands;

/// <summary><c>qfx-guest unpack</c>: what qubes_add_pendrive_script starts as the person, with an archive pendrive on its standard input.</summary>
internal static class Unpack
{
    public const string Usage = """
        usage: qfx-guest unpack SENDER           unpacks an archive from standard input; started by qubes_add_pendrive_script
        """;

    /// <exception cref="GuestException">It was not unpacked; nothing of it is left.</exception>
    public static async Task<ExitCode> RunAsync(Call call)
    {
        if (call.Arguments is not [var sender] || !VmNames.IsLegal(sender)) throw new GuestException(ExitCode.Usage, Usage);
        var home = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } path ? path : throw new GuestException(ExitCode.Usage, "HOME is not set.");
        var settings = call.Host.Settings;
        await using var source = Console.OpenStandardInput();
        var (report, folder) = await Task.Run(
            () => IncomingFolder.Take(source, home, sender, Limits(settings), call.Cancel), CancellationToken.None).ConfigureAwait(false);
        call.Say(report.Text(sender, folder));
        return report.IsWhole ? ExitCode.Ok : ExitCode.NotReceived;
    }

    public static UnpackLimits Limits(Host.GuestSettings settings) => new(settings.QuotaMiB * 1024L * 1024L, settings.QuotaFiles);
}
