using Qfx.Streams.Marbles;

namespace Qfx.Daemon.Simulate;

/// <summary>Where things are in the picture: frames with something in them get the room that their words need, silences are short.</summary>
internal sealed class PictureLayout
{
    public const double LetterWidth = 6.3;    // px, of a word's letter on average
    public const double LineHeight = 14;
    public const long LongSilence = 60;       // frames; a longer one is drawn as a break
    private const double MarbleWidth = 18;    // px
    private const int Levels = 3;             // of words that are in each other's way

    /// <summary>Above the line, and below it.</summary>
    public static readonly bool[] Sides = [true, false];

    private readonly Dictionary<long, double> columns = [];
    private readonly Dictionary<(PictureLane Lane, bool Above, long Frame), int> levels = [];
    private readonly List<(double From, double To, long Frames)> breaks = [];

    private PictureLayout(double left) => Left = left;

    /// <summary>Where frame 0 may begin.</summary>
    public double Left { get; }

    /// <summary>The right end of the lines.</summary>
    public double Right { get; private set; }

    /// <summary>Silences that are cut short.</summary>
    public IReadOnlyList<(double From, double To, long Frames)> Breaks => breaks;

    /// <summary>Frames with something in them.</summary>
    public IEnumerable<(long Frame, double X)> Columns => columns.OrderBy(c => c.Key).Select(c => (c.Key, c.Value));

    public static PictureLayout Of(Story story, IReadOnlyList<PictureLane> lanes)
    {
        var layout = new PictureLayout(44 + (lanes.Max(l => l.Name.Length) * 8));
        layout.Place(lanes, Math.Max(story.LastFrame, 1));
        return layout;
    }

    /// <summary>The middle of a frame.</summary>
    public double X(long frame) => columns[frame];

    /// <summary>How far its words are from the line: 0 is next to it.</summary>
    public int Level(PictureLane lane, bool above, long frame) => levels[(lane, above, frame)];

    /// <summary>How many levels of words a side of a lane has.</summary>
    public int LevelsOf(PictureLane lane, bool above) =>
        levels.Where(l => l.Key.Lane == lane && l.Key.Above == above).Select(l => l.Value + 1).DefaultIfEmpty(0).Max();

    /// <summary>The words at a frame of a lane's side.</summary>
    public static string Words(PictureLane lane, bool above, long frame) =>
        string.Join(", ", lane.Marks.Where(m => m.Frame == frame && m.Above == above).Select(m => m.Words).Distinct());

    private void Place(IReadOnlyList<PictureLane> lanes, long end)
    {
        var frames = lanes.SelectMany(l => l.Marks.Select(m => m.Frame).Concat(l.Bands.Select(b => b.From)).Concat(l.Bands.Select(b => b.To))).Append(0).Append(end).Distinct().Order();
        var taken = new Dictionary<(PictureLane, bool, int), double>();
        var reached = new Dictionary<PictureLane, double>();
        var (x, before) = (Left, 0L);
        foreach (var frame in frames)
        {
            var gap = frame - before;
            if (frame > 0) x += gap > LongSilence ? 100 : Math.Clamp(gap * 12, 34, 76);
            var labels = lanes.SelectMany(lane => Sides.Select(above => (Lane: lane, Above: above, Words: Words(lane, above, frame))))
                .Where(l => l.Words.Length > 0).ToArray();
            var marbles = lanes.Select(lane => (Lane: lane, Half: lane.Marks.Count(m => m.Frame == frame) * MarbleWidth / 2)).Where(m => m.Half > 0).ToArray();
            x = marbles.Select(m => reached.GetValueOrDefault(m.Lane, Left - 30) + m.Half).Append(x).Max();
            x = labels.Select(l => Enumerable.Range(0, Levels).Min(level => FreeFrom(l.Lane, l.Above, level) + Half(l.Words))).Append(x).Max();
            foreach (var (lane, half) in marbles) reached[lane] = x + half;
            foreach (var (lane, above, words) in labels)
            {
                var level = Enumerable.Range(0, Levels).First(level => FreeFrom(lane, above, level) + Half(words) <= x);
                levels[(lane, above, frame)] = level;
                taken[(lane, above, level)] = x + Half(words) + 8;

                // A line goes from the words to their marble: nothing may stand in its way nearer to it.
                for (var nearer = 0; nearer < level; nearer++) taken[(lane, above, nearer)] = Math.Max(taken[(lane, above, nearer)], x + 4);
            }

            if (gap > LongSilence) breaks.Add((columns[before], x, gap));
            columns[frame] = x;
            before = frame;
        }

        Right = Math.Max(x + 20, taken.Values.Append(0).Max());

        double FreeFrom(PictureLane lane, bool above, int level) => taken.GetValueOrDefault((lane, above, level), Left - 30);
    }

    private static double Half(string words) => Math.Max(10, words.Length * LetterWidth / 2);
}
