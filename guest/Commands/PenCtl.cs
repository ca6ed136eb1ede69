using Qfx.Guest.Exchange;
using Qfx.Guest.Host;

namespace Qfx.Guest.Commands;

/// <summary><c>qubes_penctl</c>: writes one request, and says what became of it.</summary>
internal static class PenCtl
{
    public const string Usage = """
        usage: qubes_penctl new [MIB]            a blank pendrive at xvdg
               qubes_penctl new raw [MIB]        the same without a file system
               qubes_penctl send NAME [SEQ]      the pendrive at xvdg is to go to another VM
               qubes_penctl umount [ok|failed]   done with the pendrive at xvdh
               qubes_penctl cancel               no question any more, no pendrive at xvdg
        """;

    public static async Task<ExitCode> RunAsync(Call call)
    {
        if (!IsRequest(call.Arguments)) throw new GuestException(ExitCode.Usage, Usage);
        using var held = GuestLock.Take(call.Host.RunFolder);
        var pen = await call.PenAsync().ConfigureAwait(false);
        var answer = await AskAsync(call, pen).ConfigureAwait(false);
        if (answer is null) return ExitCode.Ok;
        call.Say($"{answer.Code}: {answer.Text}");
        return answer.IsGood ? ExitCode.Ok : ExitCode.Refused;
    }

    /// <exception cref="GuestException">Interrupted: what was asked stands, and may still be carried out.</exception>
    private static async Task<PenStatus?> AskAsync(Call call, PenClient pen)
    {
        try
        {
            return await pen.AskAsync(string.Join(' ', call.Arguments), call.Cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new GuestException(ExitCode.Interrupted, "Interrupted. What was asked stands; `qubes_penctl cancel` takes it back.", e);
        }
    }

    /// <summary>Whether dom0 could take it: what it says to the rest is less helpful than the usage.</summary>
    internal static bool IsRequest(string[] words) => words switch
    {
        ["new"] or ["new", "raw"] or ["umount"] or ["umount", "ok" or "failed"] or ["cancel"] => true,
        ["new", var mib] => IsNumber(mib),
        ["new", "raw", var mib] => IsNumber(mib),
        ["send", var name] => VmNames.IsLegal(name),
        ["send", var name, var seq] => VmNames.IsLegal(name) && IsNumber(seq),
        _ => false,
    };

    private static bool IsNumber(string text) => text.Length is > 0 and <= 10 && text.All(char.IsAsciiDigit);
}
