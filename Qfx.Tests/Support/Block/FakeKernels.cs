using System.Globalization;
using System.Reactive;
using System.Reactive.Linq;
using Qfx.Streams.Lanes;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Support.Block;

/// <summary>What the guest's kernel does with a disk.</summary>
internal enum GuestMood
{
    Willing,

    /// <summary>Never looks at a new disk.</summary>
    Blind,

    /// <summary>Connects, and does not let go.</summary>
    Clinging,

    /// <summary>Refuses a new disk.</summary>
    Refusing,
}

/// <summary>Both kernels at the two ends of one domain's disks: dom0's blkback and the guest's blkfront.</summary>
/// <remarks>
/// Linux, drivers/block/xen-blkback/xenbus.c and xen-blkfront.c, as far as the states go. Blkback opens the loop device by its
/// numbers when it sees the backend, and closes it when the frontend is Closed or gone, or the backend's nodes are.
/// </remarks>
internal sealed class FakeKernels : IDisposable
{
    private readonly XsClient dom0;
    private readonly XsClient guest;
    private readonly Domid domid;
    private readonly FakeLoops loops;
    private readonly Dictionary<string, int> opened = [];
    private readonly IDisposable running;

    public FakeKernels(XsClient dom0, XsClient guest, Domid domid, FakeLoops loops)
    {
        (this.dom0, this.guest, this.domid, this.loops) = (dom0, guest, domid, loops);
        running = Observable.Merge(
                dom0.Watch(VbdNodes.Backends).Select(_ => Unit.Default),
                dom0.Watch(XsPath.Home(domid) / "device/vbd").Select(_ => Unit.Default))
            .Conflate((_, newer) => newer, _ => Observable.FromAsync(StepAsync))
            .Subscribe(_ => { }, e => _ = e is XenstoreConnectionException ? e : throw new InvalidOperationException("A kernel has crashed.", e));
    }

    public GuestMood Mood { get; set; }

    /// <summary>The backend's device number cannot be opened.</summary>
    public bool Broken { get; set; }

    /// <summary>The guest changes its mind; an event makes its kernel look.</summary>
    public async Task BecomeAsync(GuestMood mood)
    {
        Mood = mood;
        await dom0.WriteTextAsync(XsPath.Home(domid) / "device/vbd", "", CancellationToken.None);
    }

    public void Dispose() => running.Dispose();

    private async Task StepAsync(CancellationToken cancel)
    {
        var backends = await NamesAsync(dom0, VbdNodes.Backends / domid.ToString());
        foreach (var gone in opened.Keys.Except(backends).ToArray()) Unregister(gone);
        foreach (var disk in backends)
        {
            try
            {
                await BackendAsync(disk);
                await FrontendAsync(disk);
            }
            catch (Exception e) when (e is XenstoreException or XenstoreConnectionException)
            {
                // It was removed meanwhile, or the guest was destroyed while its kernel looked; the event of that comes.
            }
        }
    }

    private async Task BackendAsync(string disk)
    {
        var backend = VbdNodes.Backends / $"{domid}/{disk}";
        var state = await StateAsync(dom0, backend);
        if (!opened.ContainsKey(disk))
        {
            if (state != 1) return;    // not a new one: nobody drives it
            var device = await dom0.TryReadTextAsync(backend / "physical-device");
            if (Broken || device?.Split(':') is not ["7", var minor] || !loops.Open(int.Parse(minor, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))
            {
                await dom0.WriteTextAsync(XsPath.Home(Domid.Zero) / $"error/backend/vbd/{domid}/{disk}/error", "6 opening");
                await dom0.WriteTextAsync(backend / "state", "5");
                return;
            }

            opened.Add(disk, int.Parse(minor, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            await dom0.WriteTextAsync(backend / "state", "2");
            return;
        }

        switch (await StateAsync(dom0, XsPath.Home(domid) / $"device/vbd/{disk}"))
        {
            case 3 or 4 when state == 2:
                await dom0.WriteTextAsync(backend / "state", "4");
                break;
            case 6 when state != 6:
                await dom0.WriteTextAsync(backend / "state", "6");
                if (await dom0.TryReadTextAsync(backend / "online") == "0") Unregister(disk);
                break;
            case null:
                Unregister(disk);
                break;
        }
    }

    private async Task FrontendAsync(string disk)
    {
        var frontend = new XsPath($"device/vbd/{disk}");
        var (theirs, mine) = (await StateAsync(dom0, VbdNodes.Backends / $"{domid}/{disk}"), await StateAsync(guest, frontend));
        var next = (Mood, theirs, mine) switch
        {
            (GuestMood.Blind, _, _) => null,
            (GuestMood.Refusing, 2, 1) => "6",
            (_, 2, 1) => "3",
            (_, 4, 3) => "4",
            (not GuestMood.Clinging, 5, not 6) => "6",
            _ => null,
        };
        if (next is not null && mine is not null) await guest.WriteTextAsync(frontend / "state", next);
    }

    private void Unregister(string disk)
    {
        if (opened.Remove(disk, out var number)) loops.Close(number);
    }

    private static async Task<int?> StateAsync(XsClient store, XsPath end) =>
        int.TryParse(await store.TryReadTextAsync(end / "state"), NumberStyles.None, CultureInfo.InvariantCulture, out var state) ? state : null;

    private static async Task<IReadOnlyList<string>> NamesAsync(XsClient store, XsPath folder)
    {
        try
        {
            return await store.ListAsync(folder);
        }
        catch (XenstoreException)
        {
            return [];
        }
    }
}
