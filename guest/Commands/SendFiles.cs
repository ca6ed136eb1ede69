using Qfx.Guest.Archive;
using Qfx.Guest.Copying;
using Qfx.Guest.Desktop;
using Qfx.Guest.Exchange;
using Qfx.Guest.Host;
using Qfx.Guest.Progress;

namespace Qfx.Guest.Commands;

/// <summary>Sends files and folders: looked at, a pendrive for them, copied, and on their way. Whatever goes wrong, nothing is left behind.</summary>
internal sealed class SendFiles
{
    private const int OldMiB = 1000;    // of a pendrive of 1 GiB, as an old daemon makes it, for contents

    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OutcomeLimit = TimeSpan.FromHours(1);

    private readonly Call call;
    private SendOptions options;
    private bool isOld;
    private readonly bool move;
    private readonly DesktopTool? desktop;

    private SendFiles(Call call, SendOptions options, bool move, DesktopTool? desktop)
    {
        this.call = call;
        this.options = options;
        this.move = move;
        this.desktop = desktop;
    }

    /// <exception cref="GuestException">Nothing was sent, or, for a move, nothing deleted.</exception>
    public static async Task<ExitCode> RunAsync(Call call, bool move, string usage)
    {
        var options = SendOptions.Parse(call.Arguments, move, call.Host.Settings, usage);
        var desktop = options.Window ? DesktopTool.Find() : null;
        try
        {
            return await new SendFiles(call, options, move, desktop).RunAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (desktop is not null && e is GuestException or IOException)
        {
            await new Windows(desktop).ErrorAsync(e.Message, call.Cancel).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<ExitCode> RunAsync()
    {
        var (plan, rules) = await LookAsync().ConfigureAwait(false);
        Check(plan);
        using var held = GuestLock.Take(call.Host.RunFolder);
        var pen = await call.PenAsync().ConfigureAwait(false);
        var request = await RequestAsync(pen, rules.MiB(plan.Items)).ConfigureAwait(false);
        PenStatus? sent;
        try
        {
            await GetAsync(await pen.AskAsync(request, call.Cancel).ConfigureAwait(false)).ConfigureAwait(false);
            await PutAsync(plan).ConfigureAwait(false);
            sent = await SendAsync(pen).ConfigureAwait(false);
        }
        catch (Exception e) when (e is GuestException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            await CancelAsync(pen).ConfigureAwait(false);
            throw;
        }

        return move ? await DeleteAsync(pen, sent!, plan).ConfigureAwait(false) : ExitCode.Ok;
    }

    /// <summary>At all of it; where windows are shown, the person chooses what becomes of what cannot be sent.</summary>
    private async Task<(Plan Plan, ITargetRules Rules)> LookAsync()
    {
        while (true)
        {
            ITargetRules rules = options.Archive ? new ArchiveRules() : new VfatRules();
            var plan = Scan.Of(options.Files, rules, options.Follow, call.Cancel);
            if (plan.Obstacles.Count == 0 || options.Skip || desktop is null) return (plan, rules);
            var way = await new Windows(desktop).ChooseAsync(Obstacles.List(plan.Obstacles), !options.Archive, call.Cancel).ConfigureAwait(false);
            options = way switch
            {
                WayOut.Archive => options with { Archive = true },
                WayOut.Skip => options with { Skip = true },
                _ => throw new OperationCanceledException(),
            };
        }
    }

    /// <summary>All that cannot be sent, in one message, with what can be done.</summary>
    private void Check(Plan plan)
    {
        if (plan.Obstacles.Count > 0)
        {
            if (!options.Skip) throw new GuestException(ExitCode.Unsendable, Obstacles.Text(plan.Obstacles, options));
            call.Say($"Left out: {string.Join("; ", plan.Obstacles.Take(Obstacles.Most).Select(each => $"{Printable.Of(each.Path)} {each.Why}"))}{(plan.Obstacles.Count > Obstacles.Most ? "; …" : "")}.");
        }

        if (plan.Items.Count == 0) throw new GuestException(ExitCode.Unsendable, "Nothing of this can be sent.");
    }

    /// <summary>What is asked for. An old daemon knows one size, and no raw pendrives.</summary>
    private async Task<string> RequestAsync(PenClient pen, int mib)
    {
        isOld = !await pen.IsAnsweredAsync(call.Cancel).ConfigureAwait(false);
        if (!isOld) return options.Archive ? $"new raw {mib}" : $"new {mib}";
        if (move) throw new GuestException(ExitCode.Unsupported, "An old daemon is at work in dom0, which does not tell whether files arrived: copy them with qvm-copy-to-vm.");
        if (options.Archive) throw new GuestException(ExitCode.Unsupported, "An old daemon is at work in dom0, which knows no archive pendrives: send the files with --vfat.");
        if (options.To == SendOptions.Ask && desktop is null)
            throw new GuestException(ExitCode.Unsupported, "An old daemon is at work in dom0, which does not ask where the files are to go: name the VM.");
        return mib <= OldMiB ? "new" : throw new GuestException(ExitCode.Unsendable, "An old daemon is at work in dom0, and the files do not fit on its pendrive of 1 GiB: send them in parts.");
    }

    private async Task GetAsync(PenStatus? answer)
    {
        if (answer is { IsGood: false }) throw new GuestException(ExitCode.Refused, $"No pendrive came. {answer.Code}: {answer.Text}");
        try
        {
            await (options.Archive
                ? Device.WritableAsync(call.Host.Outgoing, DeviceLimit, call.Time, call.Cancel)
                : Device.AppearedAsync(call.Host.Outgoing, DeviceLimit, call.Time, call.Cancel)).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new GuestException(ExitCode.NoAnswer, $"No pendrive came: {e.Message}", e);
        }
    }

    private async Task PutAsync(Plan plan)
    {
        var view = await ProgressViews.ForAsync(desktop, $"Copying onto the pendrive for {To}…", call.Cancel).ConfigureAwait(false);
        await using (view.ConfigureAwait(false))
        {
            if (view is NoProgress) call.Say($"Copying {plan.Files} {(plan.Files == 1 ? "file" : "files")}, {Sizes.Of(plan.Bytes)}, onto the pendrive.");
            using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, view.Closed);
            var meter = new Meter(plan.Bytes, view, call.Time);
            if (options.Archive) await Task.Run(() => ArchiveWriter.Write(call.Host.Outgoing, plan, meter, either.Token), CancellationToken.None).ConfigureAwait(false);
            else await call.Host.Pendrive.PutAsync(call.Host.Outgoing, plan, meter, either.Token).ConfigureAwait(false);
        }
    }

    private async Task<PenStatus?> SendAsync(PenClient pen)
    {
        // An old daemon is never shown @ask: a receiver that it does not know ends it.
        var to = isOld && options.To == SendOptions.Ask ? await NameAsync().ConfigureAwait(false) : options.To;
        var answer = await pen.AskAsync($"send {to}", call.Cancel).ConfigureAwait(false);
        if (to == SendOptions.Ask && answer is { Code: "unsupported" })
        {
            to = await NameAsync().ConfigureAwait(false);
            answer = await pen.AskAsync($"send {to}", call.Cancel).ConfigureAwait(false);
        }

        if (answer is { IsGood: false }) throw new GuestException(ExitCode.Refused, $"{(to == SendOptions.Ask ? "Nobody got" : $"{to} did not get")} the files. {answer.Code}: {answer.Text}");
        call.Say(answer is null
            ? $"Asked to send the pendrive to {to}; whether it arrives an old daemon does not tell."
            : $"{answer.Code}: {answer.Text}");
        return answer;
    }

    /// <summary>Where dom0 does not ask where the files are to go, we do.</summary>
    private async Task<string> NameAsync()
    {
        if (desktop is null) throw new GuestException(ExitCode.Unsupported, "This daemon does not ask where the files are to go: name the VM.");
        var name = await new Windows(desktop).ReceiverAsync(call.Cancel).ConfigureAwait(false) ?? throw new OperationCanceledException();
        return VmNames.IsLegal(name) ? name : throw new GuestException(ExitCode.Usage, $"{Printable.Of(name)} is no VM's name.");
    }

    private async Task<ExitCode> DeleteAsync(PenClient pen, PenStatus sent, Plan plan)
    {
        call.Say("Waiting until the receiver has everything; until then nothing is deleted here.");
        PenStatus outcome;
        try
        {
            outcome = await pen.OutcomeAsync(sent, OutcomeLimit, call.Cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new GuestException(ExitCode.Interrupted, "Interrupted: the files are on their way, and nothing was deleted here.", e);
        }

        if (outcome.Code != "received")
            throw new GuestException(ExitCode.NotReceived, $"The receiver does not have everything, so nothing was deleted here. {outcome.Code}: {outcome.Text}");
        var kept = Removal.Run(plan);
        call.Say("received: the files have been deleted here.");
        if (kept.Count == 0) return ExitCode.Ok;
        throw new GuestException(ExitCode.NotReceived,
            $"Not deleted, for it changed meanwhile or may not be deleted: {string.Join(", ", kept.Take(Obstacles.Most).Select(path => Printable.Of(path)))}{(kept.Count > Obstacles.Most ? ", …" : "")}");
    }

    private async Task CancelAsync(PenClient pen)
    {
        try
        {
            var answer = await pen.AskAsync("cancel", CancellationToken.None).ConfigureAwait(false);
            if (answer is { IsGood: true, Code: "cancelled" }) call.Say("The pendrive was taken back: nothing was sent.");
            if (answer is { IsGood: false, Code: not "no-pendrive" }) call.Say($"The pendrive could not be taken back. {answer.Code}: {answer.Text}");
        }
        catch (Exception e) when (e is GuestException or IOException)
        {
            call.Say($"The pendrive could not be taken back: {e.Message}");
        }
    }

    private string To => options.To == SendOptions.Ask ? "another VM" : options.To;
}
