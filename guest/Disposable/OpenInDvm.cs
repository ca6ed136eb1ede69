using System.Globalization;
using Qfx.Guest.Commands;
using Qfx.Guest.Desktop;
using Qfx.Guest.Exchange;
using Qfx.Guest.Host;
using Qfx.Guest.Raw;

namespace Qfx.Guest.Disposable;

/// <summary><c>qvm-open-in-dvm</c>: a file goes to a disposable VM that is made for it; what is changed there comes back by itself.</summary>
internal static class OpenInDvm
{
    public const string Usage = """
        usage: qvm-open-in-dvm [--view-only] [--window] [--] FILE
                                                 opens a file in a disposable VM, and takes back what is changed there
          --view-only   a copy that cannot be changed; nothing comes back
          --window      shows errors in a window
        """;

    public const string ViewUsage = """
        usage: qvm-view-in-dvm [--window] [--] FILE
                                                 shows a copy of a file in a disposable VM; nothing comes back
        """;

    private const long PlainMiB = 1000;    // that a pendrive without a size surely holds

    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30);

    public static Task<ExitCode> RunAsync(Call call) => RunAsync(call, view: false, Usage);

    public static Task<ExitCode> ViewAsync(Call call) => RunAsync(call, view: true, ViewUsage);

    private static async Task<ExitCode> RunAsync(Call call, bool view, string usage)
    {
        var (file, viewOnly, window) = Parse(call.Arguments, view, usage);
        var desktop = window ? DesktopTool.Find() : null;
        try
        {
            return await SendAsync(call, file, viewOnly).ConfigureAwait(false);
        }
        catch (GuestException e) when (desktop is not null)
        {
            await new Windows(desktop).ErrorAsync(e.Message, call.Cancel).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What begins with a dash is an option, unless it comes after <c>--</c>.</summary>
    internal static (string File, bool View, bool Window) Parse(string[] words, bool view, string usage)
    {
        var (window, at) = (false, 0);
        for (; at < words.Length && words[at].StartsWith('-'); at++)
        {
            if (words[at] == "--")
            {
                at++;
                break;
            }

            if (words[at] == "--view-only") view = true;
            else if (words[at] == "--window") window = true;
            else throw new GuestException(ExitCode.Usage, usage);
        }

        return words[at..] is [{ Length: > 0 } file] ? (Path.GetFullPath(file), view, window) : throw new GuestException(ExitCode.Usage, usage);
    }

    private static async Task<ExitCode> SendAsync(Call call, string file, bool view)
    {
        await using var content = Open(file);
        using var held = GuestLock.Take(call.Host.RunFolder);
        var pen = await call.PenAsync().ConfigureAwait(false);
        var sequence = new SequenceFolder(RawPrograms.Home());
        int? seq = null;
        try
        {
            var answers = await pen.IsAnsweredAsync(call.Cancel).ConfigureAwait(false);
            await GetAsync(call, pen, Request(RawPendrive.MiB(content.Length), answers)).ConfigureAwait(false);
            call.Say("Copying the file onto the pendrive.");
            var sum = await PutAsync(call.Host.Outgoing, Path.GetFileName(file), content, call.Cancel).ConfigureAwait(false);
            sequence.ForgetOld(call.Time.GetUtcNow());
            seq = sequence.Next();
            if (!view) sequence.Remember(seq.Value, RealPath(content), sum);
            var answer = await pen.AskAsync(string.Create(CultureInfo.InvariantCulture, $"send disposable {seq}{(view && answers ? " view" : "")}"), call.Cancel).ConfigureAwait(false);
            if (answer is { IsGood: false }) throw new GuestException(ExitCode.Refused, $"The file was not opened in a disposable VM. {answer.Code}: {answer.Text}");
            call.Say(view ? "It is shown in a disposable VM." : "It is opened in a disposable VM; what is changed there comes back by itself.");
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is GuestException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            // What dom0 does not take back may be under way, and come back changed.
            if (await CancelAsync(pen, call).ConfigureAwait(false) && seq is { } taken) sequence.Forget(taken);
            if (e is GuestException or OperationCanceledException) throw;
            throw new GuestException(ExitCode.Failed, $"The file could not be sent: {e.Message}", e);
        }
    }

    private static FileStream Open(string file)
    {
        try
        {
            if (FileTraits.Of(file) is { IsRegular: false }) throw new GuestException(ExitCode.Usage, $"{Printable.Of(file)} is no file.");
            return RawPendrive.Open(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException(ExitCode.Usage, $"{Printable.Of(file)} cannot be read: {Printable.Of(e.Message)}", e);
        }
    }

    /// <summary>An old daemon makes one of 1 GiB with a file system, which is written over.</summary>
    private static string Request(long mib, bool answers) => !answers && mib > PlainMiB
        ? throw new GuestException(ExitCode.Unsendable, $"The file needs a pendrive of {mib} MiB; the daemon in dom0 is an old one, whose pendrives have 1 GiB.")
        : !answers ? "new" : mib <= PlainMiB ? "new raw" : string.Create(CultureInfo.InvariantCulture, $"new raw {mib}");

    /// <summary>A pendrive at xvdg that this user may write to.</summary>
    internal static Task GetAsync(Call call, PenClient pen, string request) => GetAsync(call, pen.AskAsync(request, call.Cancel));

    /// <summary>The same, when it has been asked for.</summary>
    internal static async Task GetAsync(Call call, Task<PenStatus?> asked)
    {
        var answer = await asked.ConfigureAwait(false);
        if (answer is { IsGood: false }) throw new GuestException(ExitCode.Refused, $"No pendrive came. {answer.Code}: {answer.Text}");
        try
        {
            await Device.WritableAsync(call.Host.Outgoing, DeviceLimit, call.Time, call.Cancel).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new GuestException(ExitCode.NoAnswer, $"No pendrive came: {e.Message}", e);
        }
    }

    /// <summary>On the device, not in a cache, when this returns: what takes the pendrive away does not ask.</summary>
    private static async Task<byte[]> PutAsync(string device, string name, FileStream content, CancellationToken cancel)
    {
        await using var pendrive = new FileStream(device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var sum = await RawPendrive.WriteAsync(pendrive, name, content, cancel).ConfigureAwait(false);
        pendrive.Flush(flushToDisk: true);
        return sum;
    }

    /// <summary>Where the open file really lies: a link to it is not what is to be replaced.</summary>
    private static string RealPath(FileStream file) =>
        new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget ?? file.Name;

    /// <returns>Whether it is gone for certain.</returns>
    private static async Task<bool> CancelAsync(PenClient pen, Call call)
    {
        try
        {
            var answer = await pen.AskAsync("cancel", CancellationToken.None).ConfigureAwait(false);
            if (answer is { IsGood: false, Code: not "no-pendrive" }) call.Say($"The pendrive could not be taken back. {answer.Code}: {answer.Text}");
            return answer is { IsGood: true };
        }
        catch (GuestException e)
        {
            call.Say($"The pendrive could not be taken back: {e.Message}");
            return false;
        }
    }
}
