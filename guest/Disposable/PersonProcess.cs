using System.Diagnostics;
using Qfx.Guest.Host;
using Qfx.Guest.Opening;

namespace Qfx.Guest.Disposable;

/// <summary>Runs one of this file's own programs with the person's rights: root opens devices, and touches no file of a person.</summary>
internal static class PersonProcess
{
    private const int Piece = 1024 * 1024;    // bytes
    private const int MaxSaid = 64 * 1024;

    /// <summary>Runs it to its end.</summary>
    /// <param name="person">Who; null for us.</param>
    /// <param name="arguments">The program's name, and its words.</param>
    /// <param name="input">What it reads; null for nothing. It need not read it to its end.</param>
    /// <param name="output">What it writes; null: it is in the result.</param>
    /// <param name="cancel">Kills it.</param>
    /// <returns>Its exit code; what it wrote, or, where it failed, what it said.</returns>
    /// <exception cref="IOException">The input could not be read, or the output not be written.</exception>
    public static async Task<(ExitCode Exit, string Said)> RunAsync(GuestUser? person, string[] arguments, Stream? input, Stream? output, CancellationToken cancel)
    {
        var session = PersonSession.Of(person);
        string[] command = [.. session.Prefix, Environment.ProcessPath!, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        foreach (var (name, value) in session.Environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel);
            using var said = new MemoryStream();
            var written = process.StandardOutput.BaseStream.CopyToAsync(output ?? said, Piece, cancel);
            await FeedAsync(input, process.StandardInput.BaseStream, cancel).ConfigureAwait(false);
            await process.StandardInput.BaseStream.DisposeAsync().ConfigureAwait(false);    // not through its writer: that would flush, and fail where the reader has closed its end
            await written.ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            var text = process.ExitCode == 0 ? System.Text.Encoding.UTF8.GetString(said.ToArray()) : (await errors.ConfigureAwait(false)).Trim();
            return ((ExitCode)process.ExitCode, text[..Math.Min(text.Length, MaxSaid)]);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>Until the reader has had enough, or there is no more.</summary>
    private static async Task FeedAsync(Stream? from, Stream to, CancellationToken cancel)
    {
        var piece = new byte[Piece];
        while (from is not null && await from.ReadAsync(piece, cancel).ConfigureAwait(false) is > 0 and var read)
        {
            try
            {
                await to.WriteAsync(piece.AsMemory(0, read), cancel).ConfigureAwait(false);
            }
            catch (IOException)
            {
                return;    // it has closed its end
            }
        }
    }
}
