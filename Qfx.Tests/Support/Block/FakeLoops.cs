using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Daemon.Block;
using Qfx.Xen.Block;

namespace Qfx.Tests.Support.Block;

/// <summary>Loop devices as the kernel has them, in memory: bound until freed, and freed when the last who has one open closes it.</summary>
internal sealed class FakeLoops : ILoopDevices, IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, Entry> bound = [];
    private readonly Subject<Unit> closings = new();

    /// <summary>The next Bind fails with this.</summary>
    public string? Broken { get; set; }

    /// <summary>How many are bound.</summary>
    public int Count
    {
        get { lock (gate) return bound.Count; }
    }

    public void Dispose() => closings.Dispose();

    public LoopDevice Bind(ImageFile image)
    {
        if (Broken is { } why) throw new BlockDeviceException(BlockDeviceFault.Failed, why);
        return BindFile(image.Id, image.Path);
    }

    /// <summary>As somebody else would.</summary>
    public LoopDevice BindFile(FileId file, string path)
    {
        lock (gate)
        {
            var number = Enumerable.Range(0, int.MaxValue).First(n => !bound.ContainsKey(n));
            bound.Add(number, new(file, path));
            return new(number, 7, number);
        }
    }

    public bool Free(LoopDevice device, FileId image)
    {
        lock (gate)
        {
            if (!bound.TryGetValue(device.Number, out var entry) || entry.File != image) return false;
            entry.AutoClear = true;
        }

        Settle(device.Number);
        return true;
    }

    public IReadOnlyList<LoopDevice> Over(ImageFile image)
    {
        lock (gate) return [.. bound.Where(b => b.Value.File == image.Id).Select(b => new LoopDevice(b.Key, 7, b.Key))];
    }

    public IObservable<Unit> Closings(string file) => closings.AsObservable();

    /// <summary>A backend opens it by its numbers. False if nothing is bound there.</summary>
    public bool Open(int number)
    {
        lock (gate)
        {
            if (!bound.TryGetValue(number, out var entry)) return false;
            entry.Opens++;
            return true;
        }
    }

    /// <summary>And closes it.</summary>
    public void Close(int number)
    {
        lock (gate) bound[number].Opens--;
        Settle(number);
    }

    /// <summary>Whoever was last lets it go: the backend that closes it and the daemon that frees it come at once.</summary>
    private void Settle(int number)
    {
        lock (gate)
        {
            if (!bound.TryGetValue(number, out var entry) || entry is not { AutoClear: true, Opens: 0 }) return;
            bound.Remove(number);
        }

        closings.OnNext(Unit.Default);
    }

    private sealed class Entry(FileId file, string path)
    {
        public FileId File => file;

        public string Path => path;

        public bool AutoClear { get; set; }

        public int Opens { get; set; }
    }
}
