using Qfx.Guest.Exchange;
using Qfx.Guest.Host;

namespace Qfx.Guest.Commands;

/// <summary><c>qvm-copy-to-vm</c>: a pendrive, the files on it, and on its way. Whatever goes wrong, nothing is left behind.</summary>
internal static class CopyToVm
{
    public const string Usage = """
        usage: qvm-copy-to-vm NAME FILE…         copies files and folders to another VM
        """;

    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30);

    public static async Task<ExitCode> RunAsync(
        string[] arguments, GuestHost host, PenClient pen, TimeProvider time, Action<string> say, CancellationToken cancel)
    {
        if (arguments is not [var to, _, ..] || !VmNames.IsLegal(to)) throw new GuestException(ExitCode.Usage, Usage);
        var files = arguments[1..].Select(Path.GetFullPath).Select(Path.TrimEndingDirectorySeparator).ToArray();
        Check(files);
        using var held = GuestLock.Take(host.RunFolder);

        await GetAsync(await pen.AskAsync("new", cancel).ConfigureAwait(false), host, time, cancel).ConfigureAwait(false);
        try
        {
            say($"Copying {files.Length} {(files.Length == 1 ? "item" : "items")} onto the pendrive.");
            await host.Pendrive.PutAsync(host.Outgoing, files, cancel).ConfigureAwait(false);
            var answer = await pen.AskAsync($"send {to}", cancel).ConfigureAwait(false);
            if (answer is null)
            {
                say($"Asked to send the pendrive to {to}; whether it arrives an old daemon does not tell.");
                return ExitCode.Ok;
            }

            if (!answer.IsGood) throw new GuestException(ExitCode.Refused, $"{to} did not get the files. {answer.Code}: {answer.Text}");
            say($"{answer.Code}: {answer.Text}");
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is GuestException or OperationCanceledException)
        {
            await CancelAsync(pen, say).ConfigureAwait(false);
            throw;
        }
    }

    private static void Check(string[] files)
    {
        foreach (var file in files.Where(file => !Path.Exists(file)))
            throw new GuestException(ExitCode.Usage, $"{Printable.Of(file)} is not there.");
        var twice = files.GroupBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new GuestException(ExitCode.Usage, $"Two of these would be called {Printable.Of(twice.Key!)} on the pendrive: send them one after the other.");
    }

    private static async Task GetAsync(PenStatus? answer, GuestHost host, TimeProvider time, CancellationToken cancel)
    {
        if (answer is { IsGood: false }) throw new GuestException(ExitCode.Refused, $"No pendrive came. {answer.Code}: {answer.Text}");
        try
        {
            await Device.AppearedAsync(host.Outgoing, DeviceLimit, time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new GuestException(ExitCode.NoAnswer, $"No pendrive came: {e.Message}", e);
        }
    }

    private static async Task CancelAsync(PenClient pen, Action<string> say)
    {
        try
        {
            var answer = await pen.AskAsync("cancel", CancellationToken.None).ConfigureAwait(false);
            if (answer is { IsGood: false, Code: not "no-pendrive" }) say($"The pendrive could not be taken back. {answer.Code}: {answer.Text}");
        }
        catch (GuestException e)
        {
            say($"The pendrive could not be taken back: {e.Message}");
        }
    }
}
