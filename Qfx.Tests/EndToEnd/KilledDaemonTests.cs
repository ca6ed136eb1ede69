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
/// <remarks>
/// Two VMs that do what guest programs do wait for the answer to what they have asked, over the restart, and ask again if they are told to.
/// At each point they get to their end, with the same bytes, and nothing is left.
/// </remarks>
public sealed class KilledDaemonTests(ITestOutputHelper output)
{
    private const string Effect = " (Begun|Ended): ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] Written = "written by work"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_before_and_after_each_effect_of_a_copy_everybody_is_told_and_the_copy_gets_there()
    {
        var (points, again) = (0, 0);
        for (var over = false; !over; points++)
        {
            using var folder = new TempFolder();
            await using var server = EmbeddedXenstore.Start(folder["store"]);
            await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), Cancel);
            await dom0.WriteTextAsync(XsPath.Home(Domid.Zero) / "name", "Domain-0", Cancel);
            var toolstack = new SimulatedToolstack(dom0, DomainLifecycle.Of(server));
            var vms = new TwoVms(dom0, folder, await toolstack.CreateAsync("work", Cancel), await toolstack.CreateAsync("personal", Cancel));
            DaemonProcess.Configure(folder, server.SocketOf(Domid.Zero));
            Task copying;
            await using (var first = DaemonProcess.Start(folder))
            {
                var line = first.Lines.Where(line => Regex.IsMatch(line, Effect)).Skip(points).Select(_ => true).FirstOrDefaultAsync().ToTask(Cancel);
                copying = vms.CopyAsync(Cancel);
                over = await Task.WhenAny(line, copying).WaitAsync(Patience, Cancel) == copying && !line.IsCompleted;
                await first.KillAsync();
            }

            await using var second = DaemonProcess.Start(folder);
            await copying.WaitAsync(Patience, Cancel);
            await second.Lines.Select(_ => vms.Left()).StartWith(vms.Left()).FirstAsync(left => left.Length == 0).Timeout(Patience).ToTask(Cancel);
            Assert.Empty(await vms.DisksAsync());
            again += vms.Again;
        }

        output.WriteLine($"killed at {points} points; {again} times a VM was told to ask again");
        Assert.InRange(points, 20, 100);
        Assert.InRange(again, 2, points);
    }

    /// <summary>What two VMs do, by their keys and disks.</summary>
    private sealed class TwoVms(XsClient dom0, TempFolder folder, SimulatedDomain work, SimulatedDomain personal)
    {
        /// <summary>How often one was told that the daemon was started anew.</summary>
        public int Again { get; private set; }

        private string Outgoing => Path.Combine(folder["devices"], work.Domid.ToString(), Vdev.Xvdg.Name);

        private string Incoming => Path.Combine(folder["devices"], personal.Domid.ToString(), Vdev.Xvdh.Name);

        public async Task CopyAsync(CancellationToken cancel)
        {
            Assert.Contains(await AskAsync(work, "new", cancel), (string[])["attached", "busy"]);    // busy: it has one, and the word of it was lost
            await using (var disk = new FileStream(Outgoing, FileMode.Open, FileAccess.Write)) await disk.WriteAsync(Written, cancel);
            Assert.Equal("sent", await AskAsync(work, "send personal", cancel));
            Assert.Equal(Written, await BeginningAsync(Incoming));
            Assert.Contains(await AskAsync(personal, "umount ok", cancel), (string[])["detached", "no-pendrive"]);    // none: it is gone, and the word of it was lost
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

        /// <summary>Writes a request and waits for its last word; told that the daemon was started anew, it asks again.</summary>
        private async Task<string> AskAsync(SimulatedDomain vm, string request, CancellationToken cancel)
        {
            while (true)
            {
                var before = await StatusAsync(vm, (_, _) => true, cancel);
                await dom0.WriteTextAsync(QpenNode.Of(vm.Domid), request, cancel);
                var answer = await StatusAsync(vm, (status, word) => status != before && word is not ("asking" or "waiting"), cancel);
                var word = answer.Split(' ', 3)[1];
                if (word != "restarted") return word;
                Again++;
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
