using Qfx.Guest;
using Qfx.Guest.Copying;
using Qfx.Guest.Progress;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest.Copying;

public sealed class TreeCopyTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Readings readings = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_copied_is_the_same_with_its_times_and_the_progress_ends_with_the_total()
    {
        Trees.Fill(folder["from/tree"]);
        foreach (var file in Directory.EnumerateFiles(folder["from"], "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, new(2020, 2, 2, 2, 2, 2, DateTimeKind.Utc));
        Directory.CreateDirectory(folder["to"]);
        var plan = Plan();
        TreeCopy.Run(plan, folder["to"], new(plan.Bytes, readings, TimeProvider.System), Cancel);

        Assert.Equal(Trees.Lines(folder["from"], times: true), Trees.Lines(folder["to"], times: true));
        Assert.Equal(plan.Bytes, readings.All[^1].Done);
        Assert.Equal(100, readings.All[^1].Percent);
        Assert.Equal(0, readings.All[0].Done);
    }

    [Fact]
    public void A_file_that_became_shorter_ends_it_and_one_that_grew_is_sent_as_it_was()
    {
        Trees.Write(folder["from/tree"], "log", new byte[1000]);
        Directory.CreateDirectory(folder["one"]);
        Directory.CreateDirectory(folder["two"]);
        var plan = Plan();
        File.AppendAllText(folder["from/tree/log"], "more");
        TreeCopy.Run(plan, folder["one"], new(plan.Bytes, readings, TimeProvider.System), Cancel);
        Assert.Equal(1000, new FileInfo(folder["one/tree/log"]).Length);

        File.WriteAllBytes(folder["from/tree/log"], [1]);
        var e = Assert.Throws<GuestException>(() => TreeCopy.Run(plan, folder["two"], new(plan.Bytes, readings, TimeProvider.System), Cancel));
        Assert.Contains("shorter", e.Message, StringComparison.Ordinal);
        Assert.Contains("log", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_in_its_place_is_not_sent()
    {
        Trees.Write(folder["from/tree"], "file", [1]);
        Directory.CreateDirectory(folder["to"]);
        var plan = Plan();
        File.Move(folder["from/tree/file"], folder["other"]);
        File.CreateSymbolicLink(folder["from/tree/file"], "/dev/zero");
        Assert.Throws<GuestException>(() => TreeCopy.Run(plan, folder["to"], new(plan.Bytes, readings, TimeProvider.System), Cancel));
    }

    [Fact]
    public void It_stops_in_the_middle_of_a_file()
    {
        Trees.Write(folder["from/tree"], "large", new byte[5_000_000]);
        Directory.CreateDirectory(folder["to"]);
        var plan = Plan();
        using var stop = new CancellationTokenSource();
        readings.Then = reading =>
        {
            if (reading.Done > 0) stop.Cancel();
        };
        Assert.ThrowsAny<OperationCanceledException>(() => TreeCopy.Run(plan, folder["to"], new(plan.Bytes, readings, new Hasty()), stop.Token));
        Assert.True(new FileInfo(folder["to/tree/large"]).Length < 5_000_000);
    }

    [Fact]
    public void A_move_deletes_what_was_sent_and_nothing_that_changed_or_came()
    {
        Trees.Fill(folder["from/tree"]);
        var plan = Plan();
        Trees.Write(folder["from/tree"], "came later", [1]);
        File.AppendAllText(folder["from/tree/plain.txt"], "changed");
        var kept = Removal.Run(plan);
        Assert.Equal(["File tree/came later", "File tree/plain.txt", "Folder tree"], Trees.Lines(folder["from"]).Select(line => string.Join(' ', line.Split(' ').TakeWhile(word => word.Length != 64))).Select(line => line.TrimEnd()).Order(StringComparer.Ordinal));
        Assert.Contains(folder["from/tree/plain.txt"], kept);
    }

    private Plan Plan() => Scan.Of([folder["from/tree"]], new VfatRules(), follow: false, Cancel);

    /// <summary>Every look at it is a second later than the one before: everything is shown.</summary>
    internal sealed class Hasty : TimeProvider
    {
        private long now;

        public override long GetTimestamp() => now += TimestampFrequency;
    }

    internal sealed class Readings : IProgressView
    {
        public List<Reading> All { get; } = [];

        public Action<Reading> Then { get; set; } = _ => { };

        public CancellationToken Closed => CancellationToken.None;

        public void Show(Reading reading)
        {
            All.Add(reading);
            Then(reading);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
