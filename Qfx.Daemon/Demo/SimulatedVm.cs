using System.Diagnostics;
using System.Threading.Channels;
using Qfx.Xen.Embedded;

namespace Qfx.Daemon.Demo;

/// <summary>A VM that is a folder and a xenstore socket: the guest's programs run in it as ordinary processes.</summary>
/// <param name="domain">Who it is.</param>
/// <param name="guest">The guest's program of many names.</param>
/// <param name="socket">Its xenstore.</param>
/// <param name="devices">Where its disks appear.</param>
/// <param name="home">For its files.</param>
/// <param name="say">Takes what its programs print.</param>
internal sealed class SimulatedVm(SimulatedDomain domain, string guest, string socket, string devices, string home, Action<string, string> say)
{
    public string Name => domain.Name;

    /// <summary>Where files arrive.</summary>
    public string Incoming => Path.Combine(home, "incoming");

    /// <summary>Its qfx-guest.conf, there or not.</summary>
    public string Settings => Path.Combine(home, "qfx-guest.conf");

    /// <summary>What its programs are told besides, such as what opens documents in it (docs/guest.md).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The home of the person in it.</summary>
    public string Home => home;

    /// <summary>What its programs are told, so that they find this VM and not the machine that they really run on.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables =>
    [
        new("XENSTORED_PATH", socket),
        new("QFX_DEV", devices),
        new("QFX_RUN", Path.Combine(home, "run")),
        new("QFX_INCOMING", Incoming),
        new("QFX_SETTINGS", Settings),
        new("QFX_PENDRIVE", "mtools"),
        new("HOME", home),
        .. Environment,
    ];

    /// <summary>Its folders are there.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(Path.Combine(home, "run"));
        Directory.CreateDirectory(devices);
    }

    /// <summary>Runs one of the guest's programs.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        Prepare();
        var start = new ProcessStartInfo(guest, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new IOException($"{guest} did not start");
        try
        {
            await Task.WhenAll(
                TellAsync(process.StandardOutput, program, cancel),
                TellAsync(process.StandardError, program, cancel),
                process.WaitForExitAsync(cancel)).ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>What udev does in a real VM: starts the guest's program when a pendrive comes. Serves the first one.</summary>
    public async Task<int> ReceiveAsync(CancellationToken cancel)
    {
        await ArrivedAsync(there: true, cancel).ConfigureAwait(false);
        return await RunAsync("qubes_add_pendrive_script", [], cancel).ConfigureAwait(false);
    }

    /// <summary>The same for each that comes, until it is cancelled.</summary>
    public async Task ServeAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await ReceiveAsync(cancel).ConfigureAwait(false);
            await ArrivedAsync(there: false, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a pendrive that came is there, or has gone.</summary>
    private async Task ArrivedAsync(bool there, CancellationToken cancel)
    {
        Prepare();
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = new FileSystemWatcher(devices, "xvdh");
        watcher.Created += (_, _) => changed.Writer.TryWrite(true);
        watcher.Deleted += (_, _) => changed.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        while (File.Exists(Path.Combine(devices, "xvdh")) != there) await changed.Reader.ReadAsync(cancel).ConfigureAwait(false);
    }

    private async Task TellAsync(StreamReader lines, string program, CancellationToken cancel)
    {
        while (await lines.ReadLineAsync(cancel).ConfigureAwait(false) is { } line) say(Name, $"{program}: {line}");
    }
}
