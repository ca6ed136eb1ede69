using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Text.RegularExpressions;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>The daemon's process is killed (SIGKILL) at each line that it logs while a copy is made, before and after every effect; another one is started.</summary>
/// <remarks>What can go on goes on with the same bytes; the rest is said. Afterwards nothing is left, whoever asks is answered.</remarks>
public sealed class KilledDaemonTests(ITestOutputHelper output)
{
    private const string Effect = " (Begun|Ended): ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] Written = "written by work"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_before_and_after_each_effect_of_a_copy_nothing_is_left_and_everybody_is_told()
    {
        var (points, wentOn) = (0, 0);
        for (var over = false; !over; points++)
        {
            using var folder = new TempFolder();
            await using var server = EmbeddedXenstore.Start(folder["store"]);
            await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), Cancel);
            await dom0.WriteTextAsync(XsPath.Home(Domid.Zero) / "name", "Domain-0", Cancel);
            var toolstack = new SimulatedToolstack(dom0, DomainLifecycle.Of(server));
            var (work, personal) = (await toolstack.CreateAsync("work", Cancel), await toolstack.CreateAsync("personal", Cancel));
            DaemonProcess.Configure(folder, server.SocketOf(Domid.Zero));
            var vms = new TwoVms(dom0, folder, work, personal);

            await using (var first = DaemonProcess.Start(folder))
            {
                var line = first.Lines.Where(line => Regex.IsMatch(line, Effect)).Skip(points).Select(_ => true).FirstOrDefaultAsync().ToTask(Cancel);
                using var copied = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
                var copying = vms.CopyAsync(copied.Token);
                over = await Task.WhenAny(line, copying).WaitAsync(Patience, Cancel) == copying && !line.IsCompleted;
                await first.KillAsync();
                await copied.CancelAsync();
                await Task.WhenAny(copying).WaitAsync(Patience, Cancel);
            }

            await using var second = DaemonProcess.Start(folder);
            if (await vms.FinishAsync().WaitAsync(Patience, Cancel)) wentOn++;
            await second.Lines.Select(_ => vms.Left()).StartWith(vms.Left()).FirstAsync(left => left.Length == 0).Timeout(Patience).ToTask(Cancel);
            Assert.Empty(await vms.DisksAsync());
        }

        output.WriteLine($"killed at {points} points; at {wentOn} of them the receiver got it in the end");
        Assert.InRange(points, 20, 100);
        Assert.InRange(wentOn, 2, points - 2);
    }

    /// <summary>What two VMs do, by their keys and disks.</summary>
    private sealed class TwoVms(XsClient dom0, TempFolder folder, SimulatedDomain work, SimulatedDomain personal)
    {
        private string Outgoing => Path.Combine(folder["devices"], work.Domid.ToString(), Vdev.Xvdg.Name);

        private string Incoming => Path.Combine(folder["devices"], personal.Domid.ToString(), Vdev.Xvdh.Name);

        public async Task CopyAsync(CancellationToken cancel)
        {
            await AskAsync(work, "new", cancel);
            await using (var disk = new FileStream(Outgoing, FileMode.Open, FileAccess.Write)) await disk.WriteAsync(Written, cancel);
            await AskAsync(work, "send personal", cancel);
            await AskAsync(personal, "umount ok", cancel);
        }

        /// <summary>Both end what they have. A sender that is still owed a word waits for it: it hears that it was restarted, or what became of it.</summary>
        /// <returns>Whether the receiver had got it.</returns>
        public async Task<bool> FinishAsync()
        {
            await SettledAsync(work);
            await AskAsync(work, "cancel", Cancel);    // no longer possible when the receiver is getting it
            if (File.Exists(Incoming)) Assert.Equal(Written, await BeginningAsync(Incoming));
            return (await AskAsync(personal, "umount ok", Cancel)).StartsWith("detached", StringComparison.Ordinal);
        }

        private static async Task<byte[]> BeginningAsync(string path)
        {
            await using var disk = new FileStream(path, FileMode.Open, FileAccess.Read);
            var bytes = new byte[Written.Length];
            await disk.ReadExactlyAsync(bytes, Cancel);
            return bytes;
        }

        /// <summary>What is not to be there at the end.</summary>
        public string[] Left() =>
        [
            .. Directory.GetFiles(folder["spool"]).Where(file => Path.GetFileName(file) != "lock"),
            .. new[] { Outgoing, Incoming }.Where(File.Exists),
        ];

        public async Task<string[]> DisksAsync()
        {
            var left = new List<string>();
            foreach (var (domid, vdev) in new[] { (work.Domid, Vdev.Xvdg), (personal.Domid, Vdev.Xvdh) })
            {
                foreach (var end in new[] { VbdNodes.Backend(domid, vdev), VbdNodes.Frontend(domid, vdev) })
                {
                    if (await dom0.TryReadAsync(end, Cancel) is not null) left.Add(end.ToString());
                }
            }

            return [.. left];
        }

        /// <summary>Waits until a daemon has looked at a VM's keys and nothing that it asked for is open.</summary>
        private Task<string> SettledAsync(SimulatedDomain vm) => StatusAsync(vm, (_, word) => word is not ("asking" or "waiting"), Cancel);

        /// <summary>Writes a request and waits for its last word, but for <c>busy</c>: then it asks again.</summary>
        private async Task<string> AskAsync(SimulatedDomain vm, string request, CancellationToken cancel)
        {
            while (true)
            {
                var before = await StatusAsync(vm, (_, _) => true, cancel);
                await dom0.WriteTextAsync(QpenNode.Of(vm.Domid), request, cancel);
                var answer = await StatusAsync(vm, (status, word) => status != before && word is not ("asking" or "waiting"), cancel);
                var word = answer.Split(' ', 3)[1];
                if (word is not ("busy" or "restarted")) return answer.Split(' ', 2)[1];
            }
        }

        private async Task<string> StatusAsync(SimulatedDomain vm, Func<string, string, bool> wanted, CancellationToken cancel)
        {
            var key = QpenNode.StatusOf(vm.Domid);
            return await dom0.Watch(key)
                .Select(_ => Observable.FromAsync(ct => dom0.TryReadTextAsync(key, ct))).Concat()
                .OfType<string>()
                .FirstAsync(status => wanted(status, status.Split(' ', 3)[1]))
                .ToTask(cancel);
        }
    }
}
