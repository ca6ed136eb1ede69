using System.Text;

namespace Qfx.Daemon.Processes;

/// <summary>Processes that outlive the one that began them are known again by a variable of their environment, which all that they start inherit.</summary>
internal static class MarkedProcesses
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);    // the kernel tells nobody but its parent that a process ends

    /// <summary>
    /// Ends when no process of this host has the variable with this value, at two looks in a row: a program that is just being started has no environment for a moment.
    /// </summary>
    /// <param name="variable">Its name.</param>
    /// <param name="value">One that nobody else uses.</param>
    /// <param name="time">The clock by which it looks again.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task GoneAsync(string variable, string value, TimeProvider time, CancellationToken cancel)
    {
        var sought = Encoding.ASCII.GetBytes($"{variable}={value}\0");
        using var timer = new PeriodicTimer(Look, time);
        for (var looks = 0; looks < 2; looks = Directory.EnumerateDirectories("/proc").Any(process => Has(process, sought)) ? 0 : looks + 1)
            await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false);
    }

    private static bool Has(string process, byte[] sought)
    {
        if (!char.IsAsciiDigit(Path.GetFileName(process)[0])) return false;
        try
        {
            return File.ReadAllBytes(Path.Combine(process, "environ")).AsSpan().IndexOf(sought) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;    // it has ended meanwhile, or is nobody's that this program could have begun
        }
    }
}
