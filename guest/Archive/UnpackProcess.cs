using System.Globalization;
using Qfx.Guest.Host;

namespace Qfx.Guest.Archive;

/// <summary>Unpacks in a process that has the person's rights, no more than a little memory, and the pendrive as its input.</summary>
internal static class UnpackProcess
{
    private const int Piece = 1024 * 1024;                         // bytes
    private const string HeapLimit = "0x10000000";                 // 256 MiB: a tar header may claim gigabytes of attributes

    /// <returns>What it ended with, and what it said.</returns>
    /// <exception cref="GuestException">It could not be started, or the pendrive not be read.</exception>
    public static async Task<(ExitCode Exit, string Said)> RunAsync(string device, string sender, GuestUser owner, CancellationToken cancel)
    {
        string[] arguments =
        [
            "--reuid", owner.Id.ToString(CultureInfo.InvariantCulture), "--regid", owner.Group.ToString(CultureInfo.InvariantCulture), "--init-groups",
            "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--", Environment.ProcessPath!, "unpack", sender,
        ];
        using var process = Tool.Start("setpriv", arguments, new Dictionary<string, string> { ["HOME"] = owner.Home, ["DOTNET_GCHeapHardLimit"] = HeapLimit });
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var errors = process.StandardError.ReadToEndAsync(cancel);
            await Task.Run(() => Pump(device, process.StandardInput.BaseStream, cancel), CancellationToken.None).ConfigureAwait(false);
            await process.StandardInput.BaseStream.DisposeAsync().ConfigureAwait(false);    // not through its writer: see PersonProcess
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            return ((ExitCode)process.ExitCode, (await output.ConfigureAwait(false) + await errors.ConfigureAwait(false)).Trim());
        }
        catch (IOException e)
        {
            throw new GuestException(ExitCode.Failed, $"The pendrive from {sender} could not be read: {e.Message}", e);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>Until the reader has had enough, or the pendrive ends.</summary>
    private static void Pump(string device, Stream to, CancellationToken cancel)
    {
        using var file = File.OpenHandle(device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var piece = new byte[Piece];
        for (var at = 0L; RandomAccess.Read(file, piece, at) is > 0 and var read; at += read)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                to.Write(piece, 0, read);
            }
            catch (IOException)
            {
                return;    // it has closed its end
            }
        }
    }
}
