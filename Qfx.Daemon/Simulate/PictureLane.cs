using Qfx.Streams.Marbles;

namespace Qfx.Daemon.Simulate;

/// <summary>What a marble or a band is about; it has its colour from it.</summary>
internal enum PictureTone
{
    /// <summary>A request.</summary>
    Asks,

    /// <summary>What happens to a VM.</summary>
    Fate,

    /// <summary>It went well.</summary>
    Good,

    /// <summary>It is still open.</summary>
    Open,

    /// <summary>It was refused, or did not work.</summary>
    Bad,

    /// <summary>Disks and images.</summary>
    Disk,
}

/// <summary>A marble.</summary>
/// <param name="Frame">When.</param>
/// <param name="Above">What goes in is told above the line, what comes out below it.</param>
/// <param name="Letter">As rows have it.</param>
/// <param name="Words">What it means.</param>
/// <param name="Tone">Its colour.</param>
internal sealed record PictureMark(long Frame, bool Above, char Letter, string Words, PictureTone Tone);

/// <summary>Something that lasts.</summary>
internal sealed record PictureBand(long From, long To, PictureTone Tone);

/// <summary>A line of the picture.</summary>
internal sealed record PictureLane(string Name, IReadOnlyList<PictureMark> Marks, IReadOnlyList<PictureBand> Bands)
{
    public static IReadOnlyList<PictureLane> Of(Story story, StoryPlayer played)
    {
        var rows = played.Out();
        var lanes = new List<PictureLane>();
        foreach (var into in new[] { "daemon", "policy", "admin" }) Add(into, into, []);
        foreach (var vm in story.Vms) Add(vm, vm, [vm]);
        Add("person", "person", ["screen", "notices"]);
        Add("dom0", "dom0", ["disks"]);
        Add("dvms", "dvms", ["dvms"]);
        return lanes;

        void Add(string name, string into, string[] outOf)
        {
            var marks = new List<PictureMark>();
            foreach (var (frame, mark) in story.In.Where(r => r.Name == into).SelectMany(r => r.Row.Marks()))
                marks.Add(new(frame, true, mark, story.MeaningIn(into, mark) ?? "", ToneIn(story, into, mark)));
            var came = rows.Where(r => outOf.Contains(r.Name)).SelectMany(r => r.Row.Marks().Select(m => (r.Name, m.Frame, m.Mark))).ToArray();
            foreach (var (row, frame, mark) in came.Where(m => m.Mark != StoryLetters.Flood))
                marks.Add(new(frame, false, mark, StoryLetters.Meaning(row, mark) ?? "", ToneOut(row, mark)));
            var bands = played.Spans.Where(s => s.Row == into && s.To > s.From)
                .Select(s => new PictureBand(s.From, s.To, s.What == "?" ? PictureTone.Open : PictureTone.Disk)).ToList();
            foreach (var flood in Floods(came.Where(m => m.Mark == StoryLetters.Flood).Select(m => m.Frame)))
            {
                bands.Add(flood);
                marks.Add(new(flood.From, false, StoryLetters.Flood, "answered, too many at once to tell apart", PictureTone.Bad));
            }

            if (marks.Count > 0 || name == into && story.Vms.Contains(name)) lanes.Add(new(name, [.. marks.OrderBy(m => m.Frame)], bands));
        }
    }

    /// <summary>Frames that follow on each other.</summary>
    private static IEnumerable<PictureBand> Floods(IEnumerable<long> frames)
    {
        PictureBand? flood = null;
        foreach (var frame in frames)
        {
            if (flood is not null && frame > flood.To)
            {
                yield return flood;
                flood = null;
            }

            flood = new(flood?.From ?? frame, frame + 1, PictureTone.Bad);
        }

        if (flood is not null) yield return flood;
    }

    private static PictureTone ToneIn(Story story, string row, char mark) => row == "person"
        ? mark == 'n' ? PictureTone.Bad : PictureTone.Good
        : row is "daemon" or "policy" or "admin" ? PictureTone.Fate
        : story.Legend.ContainsKey(mark) || !StoryLetters.Fates.ContainsKey(mark) ? PictureTone.Asks : PictureTone.Fate;

    private static PictureTone ToneOut(string row, char mark) => row switch
    {
        "disks" => PictureTone.Disk,
        "screen" or "notices" => PictureTone.Open,
        "dvms" => PictureTone.Disk,
        _ => mark switch
        {
            'A' or 'S' or 'R' or 'd' or 'X' => PictureTone.Good,
            '?' or 'W' => PictureTone.Open,
            _ => PictureTone.Bad,
        },
    };
}
