using Qfx.Model;
using Qfx.Streams.Exchange;

namespace Qfx.Tests.Model;

/// <summary>The nearest states of the rules, all of them; <c>./qfx model</c> sees a million of each scene.</summary>
public class ExplorerTests
{
    [Fact]
    public void Every_invariant_holds_in_the_nearest_states_of_a_copy() => Holds(Scene.Copy, 8_000);

    [Fact]
    public void Every_invariant_holds_in_the_nearest_states_of_a_disposable_VM() => Holds(Scene.Disposable, 8_000);

    [Fact]
    public void Every_invariant_holds_in_the_nearest_states_of_its_reply() => Holds(Scene.Reply, 8_000);

    [Fact]
    public void Every_invariant_holds_in_the_nearest_states_of_three_VMs() => Holds(Scene.Full, 8_000);

    [Fact]
    public void A_rule_that_gives_back_what_the_receiver_may_have_seen_is_found_out_and_drawn()
    {
        var found = Broken(happened => happened is ExchangeEvent.AttachFailed e ? e with { Exposed = false } : happened);

        Assert.Equal("""
            After 4 steps: p1 is deleted while domain 1 has it
               work : n---
               done : -m-!
              loses : --g-
              disks > mgx-
            """, found);
    }

    [Fact]
    public void A_rule_that_does_not_hear_of_a_detach_leaves_something()
    {
        var found = Broken(happened => happened is ExchangeEvent.Detached e ? new ExchangeEvent.TimeUp(new TimerId.Waiting(e.Id)) : happened);

        Assert.Contains("every VM is gone, nothing is under way, and something is left", found, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_with_the_VMs_in_other_roles_is_the_same_state()
    {
        var key = new Key();
        var start = World.Start(Scene.Copy);
        var steps = start.Steps().ToArray();
        var asks = steps.Where(s => s.Label.Letter == 'n').Select(s => key.Of(s.Next())).ToArray();

        Assert.Equal(2, asks.Length);
        Assert.Equal(asks[0], asks[1]);
        Assert.NotEqual(key.Of(start), asks[0]);
    }

    private static void Holds(Scene scene, int most)
    {
        var found = new Explorer(scene, most).Run();

        TestContext.Current.TestOutputHelper?.WriteLine($"{found.States} states, {found.Steps} steps, {found.Depth} deep");
        Assert.True(found.Fault is null, found.Fault?.ToString());
        Assert.True(found.States >= most || found.IsWhole);
    }

    private static string Broken(Func<ExchangeEvent, ExchangeEvent> hears)
    {
        var broken = new Scene { Vms = Scene.Copy.Vms, Decide = (state, happened) => ExchangeRules.Decide(state, hears(happened)) };
        var fault = new Explorer(broken, 8_000).Run().Fault;
        Assert.NotNull(fault);
        return string.Join('\n', fault.ToString().Split('\n').TakeWhile(line => !line.StartsWith("    0", StringComparison.Ordinal)));
    }
}
