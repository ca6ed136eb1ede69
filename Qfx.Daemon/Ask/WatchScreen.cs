using System.Globalization;
using Qfx.Daemon.Control;

namespace Qfx.Daemon.Ask;

/// <summary>The live view as lines of text: what stands where at a size of the terminal.</summary>
internal static class WatchScreen
{
    /// <summary>Lines, none wider than the terminal, no more than it has.</summary>
    /// <param name="seen">The daemon, now.</param>
    /// <param name="events">What happened, the oldest first.</param>
    /// <param name="chosen">The pendrive that keys are about; null for none.</param>
    /// <param name="said">What the last key came to.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    public static IReadOnlyList<string> Lines(OverviewView seen, IReadOnlyList<EventView> events, string? chosen, string said, int width, int height)
    {
        var s = seen.Status;
        List<string> lines =
        [
            string.Create(CultureInfo.InvariantCulture,
                $"qfilexchgd {s.Version}   {s.Domains} VMs   {s.Pendrives} pendrives   {s.Questions} questions   {s.Dvms} DVMs{(s.Store ? "" : "   XENSTORE LOST")}"),
            "",
        ];
        Section(lines, "VMS", seen.Domains.Where(d => d.Xvdg is not null || d.Xvdh is not null).Concat(seen.Domains.Where(d => d.Xvdg is null && d.Xvdh is null)).Take(Share(height)).Select(d =>
            string.Create(CultureInfo.InvariantCulture, $"  {d.Domid,5}  {d.Name ?? "-",-20} xvdg {d.Xvdg ?? "-",-6} xvdh {d.Xvdh ?? "-",-6}")), seen.Domains.Count);
        Section(lines, "PENDRIVES", seen.Pendrives.Take(Share(height)).Select(p =>
            $"{(p.Id == chosen ? "> " : "  ")}{p.Id,5}  {p.Sender} -> {p.Receiver ?? "?"}  {p.Stage}{(p.At is { } at ? $"  at {at}" : "")}"), seen.Pendrives.Count);
        Section(lines, "QUESTIONS", seen.Questions.Take(Share(height)).Select(q => string.Create(CultureInfo.InvariantCulture,
            $"  {q.Id,5}  {(q.Shown ? "on the screen" : "waits")}, {q.Seconds} s: may {q.From} send to {q.To ?? "a VM of your choice"}?")), seen.Questions.Count);
        Section(lines, "DISPOSABLE VMS", seen.Dvms.Take(Share(height)).Select(d => $"  {d.Id,5}  {d.Name ?? "-",-10} for {d.For ?? "whoever asks"}  {d.Stage}"), seen.Dvms.Count);
        var room = Math.Max(0, height - lines.Count - 2);    // the heading, and the last line
        lines.Add("EVENTS");
        lines.AddRange(events.TakeLast(room).Select(Line));
        while (lines.Count < height - 1) lines.Add("");
        lines.Add(said.Length > 0 ? said : "up, down: choose a pendrive   c: cancel it   d: detach it   q: leave");
        return [.. lines.TakeLast(height).Select(line => Table.Cut(line, width))];
    }

    /// <summary>An event as a line.</summary>
    public static string Line(EventView told) => Table.Plain(string.Create(CultureInfo.InvariantCulture,
        $"  {told.At.ToLocalTime():HH:mm:ss.fff}  {told.Vm}{(told.Pendrive is { } p ? $" {p}" : "")}: {told.Text}"));

    private static int Share(int height) => Math.Max(2, (height - 10) / 4);

    private static void Section(List<string> lines, string heading, IEnumerable<string> rows, int all)
    {
        if (all == 0) return;
        var shown = rows.ToArray();
        lines.Add(shown.Length < all ? string.Create(CultureInfo.InvariantCulture, $"{heading} ({shown.Length} of {all})") : heading);
        lines.AddRange(shown);
        lines.Add("");
    }
}
