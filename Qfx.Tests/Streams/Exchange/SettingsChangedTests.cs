using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>The administrator's settings change while it runs.</summary>
public class SettingsChangedTests
{
    private static readonly DomainIdentity Work = new(new Domid(1), "uuid-1");
    private static readonly DomainIdentity Third = new(new Domid(2), "uuid-2");

    [Fact]
    public void What_begins_afterwards_is_as_the_new_ones_say_and_what_has_begun_keeps_its_time()
    {
        var step = ExchangeStep.Initial(new() { SizeMiB = 100, EffectLimit = TimeSpan.FromSeconds(10) });
        step = After(step, new ExchangeEvent.DomainAppeared(Work), new ExchangeEvent.DomainAppeared(Third),
            new ExchangeEvent.NameBound(VmName.Parse("work"), Work.Domid), new ExchangeEvent.NameBound(VmName.Parse("third"), Third.Domid));
        step = After(step, new ExchangeEvent.Qpen(new QpenEvent.Taken(Work, new Request.New(null, false))));
        Assert.Equal((100, 10), Made(step));

        step = After(step, new ExchangeEvent.SettingsChanged(new() { SizeMiB = 200, EffectLimit = TimeSpan.FromSeconds(20) }));
        Assert.Empty(step.Commands);
        Assert.Single(step.State.Pendrives);

        step = After(step, new ExchangeEvent.Qpen(new QpenEvent.Taken(Third, new Request.New(null, false))));
        Assert.Equal((200, 20), Made(step));
    }

    private static (int MiB, double Seconds) Made(ExchangeStep step)
    {
        var make = Assert.Single(step.Commands.OfType<ExchangeCommand.Make>());
        return (make.MiB, make.Limit!.Value.TotalSeconds);
    }

    private static ExchangeStep After(ExchangeStep step, params ExchangeEvent[] events) =>
        events.Aggregate(step, (last, happened) => ExchangeRules.Decide(last.State, happened));
}
