using System.Globalization;
using System.Text;
using Qfx.Guest.Commands;
using Qfx.Guest.Host;
using Qfx.Guest.Raw;

namespace Qfx.Guest.Disposable;

/// <summary>What qubes_add_pendrive_script starts as the person (<see cref="PersonProcess"/>): it has the devices, these have the files.</summary>
internal static class RawPrograms
{
    public const string TakeUsage = "usage: qfx-guest raw-take edit|view         takes a document from standard input; started by qubes_add_pendrive_script";
    public const string LookUsage = "usage: qfx-guest raw-look FILE SHA256       says whether a document was changed; started by qubes_add_pendrive_script";
    public const string GiveUsage = "usage: qfx-guest raw-give FILE              gives a document to standard output; started by qubes_add_pendrive_script";
    public const string ReturnUsage = "usage: qfx-guest raw-return SEQ [home]      puts a document back in its place, or in the home; started by qubes_add_pendrive_script";

    private const UnixFileMode ReadOnly = UnixFileMode.UserRead;
    private const UnixFileMode Editable = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Takes a document into a folder of its own. Writes its path, a NUL, and its SHA-256.</summary>
    public static Task<ExitCode> TakeAsync(Call call) => FilesAsync(async () =>
    {
        if (call.Arguments is not [("edit" or "view") and var how]) throw new GuestException(ExitCode.Usage, TakeUsage);
        await using var pendrive = Console.OpenStandardInput();
        var header = await RawPendrive.ReadHeaderAsync(pendrive, call.Cancel).ConfigureAwait(false);
        var folder = Directory.CreateTempSubdirectory("qfx-");
        var path = Path.Combine(folder.FullName, header.Name);
        try
        {
            byte[] sum;
            await using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = Editable }))
                sum = await RawPendrive.ReadContentAsync(pendrive, header, file, call.Cancel).ConfigureAwait(false);
            if (how == "view") File.SetUnixFileMode(path, ReadOnly);
            await WriteAsync($"{path}\0{Convert.ToHexStringLower(sum)}", call.Cancel).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    });

    /// <summary>Writes <c>same</c>, <c>gone</c>, or the length of what it is now. By its contents: an edit within the second that it came in counts too.</summary>
    public static Task<ExitCode> LookAsync(Call call) => FilesAsync(async () =>
    {
        if (call.Arguments is not [var path, var sum]) throw new GuestException(ExitCode.Usage, LookUsage);
        var (size, now) = FileTraits.Of(path) is { IsRegular: true } ? await RawPendrive.SumAsync(path, call.Cancel).ConfigureAwait(false) : (-1, []);
        var word = size < 0 ? "gone" : Convert.ToHexStringLower(now) == sum ? "same" : size.ToString(CultureInfo.InvariantCulture);
        await WriteAsync(word, call.Cancel).ConfigureAwait(false);
        return ExitCode.Ok;
    });

    /// <summary>Writes the document as it is on a pendrive: header and contents.</summary>
    public static Task<ExitCode> GiveAsync(Call call) => FilesAsync(async () =>
    {
        if (call.Arguments is not [var path]) throw new GuestException(ExitCode.Usage, GiveUsage);
        var (size, sum) = await RawPendrive.SumAsync(path, call.Cancel).ConfigureAwait(false);
        var header = new RawHeader(size, Path.GetFileName(path), sum);
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(header.Encode(), call.Cancel).ConfigureAwait(false);
        await using var content = RawPendrive.Open(path);

        // What changed since it was summed up is not given as what it is not.
        await RawPendrive.ReadContentAsync(content, header, output, call.Cancel).ConfigureAwait(false);
        return ExitCode.Ok;
    });

    /// <summary>Puts an answer in its place; says where it is.</summary>
    public static Task<ExitCode> ReturnAsync(Call call) => FilesAsync(async () =>
    {
        if (call.Arguments is not [var digits, .. var where] || where is not ([] or ["home"]) || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) throw new GuestException(ExitCode.Usage, ReturnUsage);
        var home = Home();
        var folder = new SequenceFolder(home);
        var original = where.Length == 0 ? PathOf(folder, seq) : null;
        await using var pendrive = Console.OpenStandardInput();
        var (path, why) = await ReplyFile.TakeAsync(pendrive, original, folder.SumOf(seq), home, call.Cancel).ConfigureAwait(false);
        folder.Forget(seq);
        var shown = Printable.Of(path);    // its name may be the disposable VM's
        var said = why is null ? $"{shown} is now as it was changed there."
            : original is null ? $"What came back is in {shown}; {why}."
            : $"{Printable.Of(original)} was not replaced: {why}. What came back is in {shown}";
        await WriteAsync(said, call.Cancel).ConfigureAwait(false);
        return ExitCode.Ok;
    });

    /// <summary>Null where nothing, or nothing of use, is known: what comes back is somebody's work all the same.</summary>
    private static string? PathOf(SequenceFolder folder, int seq)
    {
        try
        {
            return folder.PathOf(seq);
        }
        catch (Exception e) when (e is GuestException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="GuestException">There is none.</exception>
    internal static string Home() => Environment.GetEnvironmentVariable("HOME") is ['/', ..] path ? path : throw new GuestException(ExitCode.Usage, "HOME is not set.");

    private static async Task WriteAsync(string text, CancellationToken cancel)
    {
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(Encoding.UTF8.GetBytes(text), cancel).ConfigureAwait(false);
    }

    /// <summary>What goes wrong with a file is said, and ends the program.</summary>
    private static async Task<ExitCode> FilesAsync(Func<Task<ExitCode>> deed)
    {
        try
        {
            return await deed().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException(ExitCode.Failed, e.Message, e);
        }
    }
}
