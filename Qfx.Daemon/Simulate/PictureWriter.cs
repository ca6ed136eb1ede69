using System.Globalization;
using System.Net;
using System.Text;
using Qfx.Streams.Marbles;

namespace Qfx.Daemon.Simulate;

/// <summary>Writes the picture as SVG.</summary>
internal sealed class PictureWriter(Story story, IReadOnlyList<PictureLane> lanes, PictureLayout layout)
{
    private const double Top = 74;
    private const double Radius = 8.5;

    private readonly StringBuilder svg = new();

    public string Write()
    {
        var lines = new List<double>();
        var y = Top;
        foreach (var lane in lanes)
        {
            y += 16 + (layout.LevelsOf(lane, above: true) * PictureLayout.LineHeight);
            lines.Add(y);
            y += 22 + (layout.LevelsOf(lane, above: false) * PictureLayout.LineHeight);
        }

        var width = new[] { layout.Right + 24, 40 + (story.Title.Length * 9.2), 40 + Legend().Sum(l => LegendWidth(l.Words)) }.Max();
        var height = y + 40;
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:0} {height:0}" width="{width:0}" height="{height:0}" font-family="'DejaVu Sans', Verdana, sans-serif" font-size="11" role="img">""");
        Add($"""<title>{Text(story.Title)}</title>""");
        Add($"""<rect x="0.5" y="0.5" width="{width - 1:0.#}" height="{height - 1:0.#}" rx="10" fill="#ffffff" stroke="#d0d7de"/>""");
        Add($"""<text x="20" y="28" font-size="15" font-weight="bold" fill="#1f2328">{Text(story.Title)}</text>""");
        WriteTimes(y - 8);
        for (var i = 0; i < lanes.Count; i++) WriteLane(lanes[i], lines[i]);
        WriteLegend(y + 16);
        Add($"</svg>");
        return svg.ToString();
    }

    /// <summary>When: a number over each column that has room for one, and where time is cut short.</summary>
    private void WriteTimes(double bottom)
    {
        var free = 0.0;
        foreach (var (frame, x) in layout.Columns)
        {
            var text = Time(story.Frame * frame);
            Add($"""<line x1="{x:0.#}" y1="{Top - 14:0.#}" x2="{x:0.#}" y2="{bottom:0.#}" stroke="#eef1f4"/>""");
            var half = text.Length * 3.2;
            if (x - half < free) continue;
            Add($"""<text x="{x:0.#}" y="{Top - 20:0.#}" text-anchor="middle" font-size="10" fill="#818b98">{text}</text>""");
            free = x + half + 6;
        }
    }

    private void WriteLane(PictureLane lane, double y)
    {
        Add($"""<text x="20" y="{y + 4:0.#}" font-weight="bold" font-size="12.5" fill="#1f2328">{Text(lane.Name)}</text>""");
        Add($"""<line x1="{layout.Left - 16:0.#}" y1="{y:0.#}" x2="{layout.Right:0.#}" y2="{y:0.#}" stroke="#59636e" stroke-width="1.3"/>""");
        Add($"""<path d="M{layout.Right:0.#} {y - 4:0.#} l7 4 l-7 4 z" fill="#59636e"/>""");
        foreach (var band in lane.Bands)
        {
            var (from, to) = (layout.X(band.From), layout.X(band.To));
            Add($"""<rect x="{from:0.#}" y="{y - 6:0.#}" width="{to - from:0.#}" height="12" rx="3" fill="{Colour(band.Tone)}" fill-opacity="0.22"/>""");
        }

        foreach (var (from, to, _) in layout.Breaks)
        {
            var middle = (from + to) / 2;
            Add($"""<rect x="{middle - 5:0.#}" y="{y - 8:0.#}" width="10" height="16" fill="#ffffff"/>""");
            Add($"""<path d="M{middle - 7:0.#} {y + 7:0.#} l5 -14 M{middle + 2:0.#} {y + 7:0.#} l5 -14" stroke="#59636e" stroke-width="1.3"/>""");
        }

        foreach (var frame in lane.Marks.GroupBy(m => m.Frame)) WriteMarks(lane, frame.Key, y, [.. frame]);
    }

    /// <summary>What goes in and what comes out in the same frame are drawn side by side.</summary>
    private void WriteMarks(PictureLane lane, long frame, double y, PictureMark[] marks)
    {
        var x = layout.X(frame);
        foreach (var above in PictureLayout.Sides)
        {
            var words = PictureLayout.Words(lane, above, frame);
            if (words.Length == 0) continue;
            var level = layout.Level(lane, above, frame);
            var at = above ? y - 13 - (level * PictureLayout.LineHeight) : y + 21 + (level * PictureLayout.LineHeight);
            if (level > 0)
                Add($"""<line x1="{x:0.#}" y1="{y:0.#}" x2="{x:0.#}" y2="{(above ? at + 3 : at - 10):0.#}" stroke="#afb8c1" stroke-width="0.8"/>""");
            Add($"""<text x="{x:0.#}" y="{at:0.#}" text-anchor="middle" fill="{Colour(marks.First(m => m.Above == above).Tone)}">{Text(words)}</text>""");
        }

        for (var i = 0; i < marks.Length; i++)
        {
            var (mark, cx) = (marks[i], x + ((i - ((marks.Length - 1) / 2.0)) * Radius * 2.1));
            Add($"""<circle cx="{cx:0.#}" cy="{y:0.#}" r="{Radius}" fill="{(mark.Above ? Colour(mark.Tone) : "#ffffff")}" stroke="{Colour(mark.Tone)}" stroke-width="1.6"/>""");
            Add($"""<text x="{cx:0.#}" y="{y + 3.7:0.#}" text-anchor="middle" font-size="10" font-weight="bold" fill="{(mark.Above ? "#ffffff" : Colour(mark.Tone))}">{Text(mark.Letter.ToString())}</text>""");
        }
    }

    private void WriteLegend(double y)
    {
        var x = 20.0;
        foreach (var (tone, words, sign) in Legend())
        {
            switch (sign)
            {
                case 'o':
                    Add($"""<circle cx="{x + 6:0.#}" cy="{y - 4:0.#}" r="5" fill="#ffffff" stroke="{Colour(tone)}" stroke-width="1.6"/>""");
                    break;
                case '*':
                    Add($"""<circle cx="{x + 6:0.#}" cy="{y - 4:0.#}" r="5.5" fill="{Colour(tone)}"/>""");
                    break;
                default:
                    Add($"""<rect x="{x:0.#}" y="{y - 9:0.#}" width="14" height="10" rx="3" fill="{Colour(tone)}" fill-opacity="0.3"/>""");
                    break;
            }

            Add($"""<text x="{x + 19:0.#}" y="{y:0.#}" font-size="10" fill="#59636e">{words}</text>""");
            x += LegendWidth(words);
        }
    }

    private IEnumerable<(PictureTone Tone, string Words, char Sign)> Legend()
    {
        (PictureTone Tone, string Words, char Sign)[] all =
        [
            (PictureTone.Asks, "full: what goes in", '*'),
            (PictureTone.Good, "hollow: what comes out", 'o'),
            (PictureTone.Disk, "has the pendrive", '='),
            (PictureTone.Open, "a question is on the screen", '='),
            (PictureTone.Bad, "a flood of requests", '='),
        ];
        return all.Where(l => l.Sign != '=' || lanes.Any(lane => lane.Bands.Any(b => b.Tone == l.Tone)));
    }

    private static double LegendWidth(string words) => 36 + (words.Length * 5.9);

    /// <summary>In the units that a person reads: <c>5m 50ms</c>.</summary>
    private static string Time(TimeSpan time)
    {
        (string Unit, double Number)[] parts =
        [
            ("h", Math.Floor(time.TotalHours)), ("m", time.Minutes), ("s", time.Seconds),
            ("ms", time.Milliseconds + (time.Microseconds / 1000.0)),
        ];
        var said = string.Join(' ', parts.Where(p => p.Number > 0).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Number:0.###}{p.Unit}")));
        return said.Length > 0 ? said : "0";
    }

    private static string Colour(PictureTone tone) => tone switch
    {
        PictureTone.Asks => "#0969da",
        PictureTone.Fate => "#1f2328",
        PictureTone.Good => "#1a7f37",
        PictureTone.Open => "#9a6700",
        PictureTone.Bad => "#cf222e",
        _ => "#8250df",
    };

    /// <summary>XML has no way to write most control characters.</summary>
    private static string Text(string text) => WebUtility.HtmlEncode(string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)));

    private void Add(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
