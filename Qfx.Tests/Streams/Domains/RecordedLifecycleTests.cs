using DynamicData;
using Qfx.Tests.Marbles;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Domains;

/// <summary>Lives of domains as the real toolstack makes them, as both servers tell of them, followed step by step and all at once.</summary>
public class RecordedLifecycleTests
{
    private const string Uuid = "00000000-0000-0000-0000-0000000000ee";

    public static TheoryData<string, bool> Ways { get; } = new()
    {
        { "xenstored", true },
        { "xenstored", false },
        { "oxenstored", true },
        { "oxenstored", false },
    };

    [Theory, MemberData(nameof(Ways))]
    public void A_domain_that_is_created_is_there_once(string server, bool stepwise)
    {
        using var life = new Life(server, stepwise);

        life.Goes("create");

        Assert.Equal([$"+{life.Domid} ev"], life.Changes);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_domain_that_is_destroyed_goes_once(string server, bool stepwise)
    {
        using var life = new Life(server, stepwise).Lives("destroy");

        life.Goes("destroy");

        Assert.Equal([$"-{life.Domid} ev"], life.Changes);
    }

    [Theory]
    [InlineData("xenstored", "guest-poweroff")]
    [InlineData("xenstored", "xl-shutdown")]
    [InlineData("xenstored", "save")]
    [InlineData("oxenstored", "guest-poweroff")]
    [InlineData("oxenstored", "xl-shutdown")]
    [InlineData("oxenstored", "save")]
    public void A_domain_that_ends_by_itself_is_there_until_the_second_of_two_releases(string server, string moment)
    {
        using var life = new Life(server, stepwise: true).Lives(moment);
        var releases = 0;

        life.Goes(moment, after: path =>
        {
            if (path == "@releaseDomain") releases++;
            Assert.Equal(releases < 2 ? [] : [$"-{life.Domid} ev"], life.Changes);
        });

        Assert.Equal(2, releases);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_reboot_is_an_end_and_another_domain_with_the_same_uuid_and_name(string server, bool stepwise)
    {
        using var life = new Life(server, stepwise).Lives("guest-reboot");
        var (was, uuid) = (life.Domid, life.UuidOf("ev"));

        life.Goes("guest-reboot");

        Assert.Equal([$"-{was} ev", $"+{life.Domid} ev"], life.Changes);
        Assert.Equal(was.Value + 1, life.Domid.Value);
        Assert.Equal(uuid, life.UuidOf("ev"));
    }

    [Theory, MemberData(nameof(Ways))]
    public void What_was_saved_comes_back_as_another_domain(string server, bool stepwise)
    {
        using var life = new Life(server, stepwise).Lives("save");
        var was = life.Domid;
        life.Goes("save");

        life.Goes("restore");

        Assert.Equal([$"-{was} ev", $"+{life.Domid} ev"], life.Changes);
        Assert.NotEqual(was, life.Domid);
    }

    [Theory]
    [InlineData("xenstored")]
    [InlineData("oxenstored")]
    public void A_rename_there_and_back_shows_twice(string server)
    {
        using var life = new Life(server, stepwise: true).Lives("rename");

        life.Renames("ev2", "ev");

        Assert.Equal([$"*{life.Domid} ev2", $"*{life.Domid} ev"], life.Changes);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Disks_and_requests_are_no_change_of_a_domain(string server, bool stepwise)
    {
        using var life = new Life(server, stepwise).Lives("block-attach");

        foreach (var moment in new[] { "guest-writes-qpen", "guest-removes-qpen", "block-attach", "block-detach" }) life.Goes(moment);

        Assert.Empty(life.Changes);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_domid_that_is_used_again_is_another_domain(string server, bool stepwise)
    {
        using var life = new Life(server, stepwise).Lives("destroy");
        var uuid = life.UuidOf("ev");

        life.Goes([.. Recording.Paths(server, "destroy"), .. life.AsThisDomid(Recording.Paths(server, "create"))]);

        Assert.NotEqual(uuid, life.UuidOf("ev"));
        Assert.Equal(stepwise ? [$"-{life.Domid} ev", $"+{life.Domid} ev"] : [$"*{life.Domid} ev"], life.Changes);
    }

    /// <summary>A host whose toolstack does what was recorded, and what its directory makes of it.</summary>
    private sealed class Life : IDisposable
    {
        private readonly VirtualHost host = new();
        private readonly Recording recording;
        private readonly string server;
        private readonly bool stepwise;
        private readonly List<string> changes = [];
        private readonly IDisposable watching;

        public Life(string server, bool stepwise)
        {
            (this.server, this.stepwise) = (server, stepwise);
            recording = new(host.Core, new(host.Core, Domid.Zero));
            host.Start();
            watching = host.Directory.ByDomid.Connect().Subscribe(set =>
            {
                foreach (var change in set)
                {
                    var sign = change.Reason switch { ChangeReason.Add => '+', ChangeReason.Remove => '-', _ => '*' };
                    changes.Add($"{sign}{change.Key} {change.Current.Name}");
                }
            });
        }

        /// <summary>Of the domain that the last recording was about.</summary>
        public Domid Domid { get; private set; }

        /// <summary>What has changed, in order: + for a domain that appeared, - for one that is gone, * for another name or identity.</summary>
        public IReadOnlyList<string> Changes => changes;

        public string UuidOf(string name) =>
            Assert.Single(host.Directory.ByDomid.Items, domain => domain.Name.ToString() == name).Identity.Uuid;

        /// <summary>The domain of a recording that begins in the middle of its life.</summary>
        public Life Lives(string moment)
        {
            var (domid, uuid) = Recording.Subject(Recording.Paths(server, moment));
            var home = $"/local/domain/{domid}";
            var vm = $"/vm/{uuid ?? Uuid}";
            Goes([home, vm, home + "/vm", home + "/name", vm + "/name", home + "/device", home + "/data", "@introduceDomain"]);
            changes.Clear();
            return this;
        }

        public void Goes(string moment, Action<string>? after = null) => Goes(Recording.Paths(server, moment), after);

        public void Goes(string[] paths, Action<string>? after = null)
        {
            foreach (var path in paths)
            {
                recording.Happen(path);
                if (stepwise) host.Pass();
                after?.Invoke(path);
            }

            host.Pass();
            Domid = Recording.Subject(paths.Reverse()).Domid ?? Domid;
        }

        /// <summary>Each name in its turn: the domain's node and then the one of /vm.</summary>
        public void Renames(params string[] names)
        {
            foreach (var (path, i) in Recording.Paths(server, "rename").Select((path, i) => (path, i)))
            {
                recording.Name = names[i / 2];
                Goes([path]);
            }
        }

        public string[] AsThisDomid(string[] paths)
        {
            var other = Recording.Subject(paths).Domid;
            return [.. paths.Select(path => path.Replace($"/local/domain/{other}", $"/local/domain/{Domid}", StringComparison.Ordinal))];
        }

        public void Dispose()
        {
            watching.Dispose();
            host.Dispose();
        }
    }
}
