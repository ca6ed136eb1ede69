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

    /// <summary>Runs one of the guest's programs.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(home, "run"));
        var start = new ProcessStartInfo(guest, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["XENSTORED_PATH"] = socket;
        start.Environment["QFX_DEV"] = devices;
        start.Environment["QFX_RUN"] = Path.Combine(home, "run");
        start.Environment["QFX_INCOMING"] = Incoming;
        start.Environment["QFX_SETTINGS"] = Settings;
        start.Environment["QFX_PENDRIVE"] = "mtools";
        start.Environment["HOME"] = home;
        foreach (var (name, value) in Environment) start.Environment[name] = value;
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
        Directory.CreateDirectory(devices);
        var appeared = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = new FileSystemWatcher(devices, "xvdh");
        watcher.Created += (_, _) => appeared.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        while (!File.Exists(Path.Combine(devices, "xvdh"))) await appeared.Reader.ReadAsync(cancel).ConfigureAwait(false);
        return await RunAsync("qubes_add_pendrive_script", [], cancel).ConfigureAwait(false);
    }

    private async Task TellAsync(StreamReader lines, string program, CancellationToken cancel)
    {
        while (await lines.ReadLineAsync(cancel).ConfigureAwait(false) is { } line) say(Name, $"{program}: {line}");
    }
}
