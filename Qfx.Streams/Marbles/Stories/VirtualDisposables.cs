using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Marbles;

/// <summary>A host of disposable VMs in virtual time: disp1, disp2 and so on, in the order of their restores.</summary>
public sealed class VirtualDisposables(StoryPlayer host)
{
    private int last;

    /// <summary>The savefile as it is found; another stamp is another savefile.</summary>
    public SavefileSeen Savefile { get; set; } = new(true, "1", 1);

    /// <summary>What an earlier run left.</summary>
    public System.Collections.Immutable.ImmutableArray<DvmRecord> Records { get; set; } = [];

    /// <summary>Domains that are found dead when they are asked for.</summary>
    public HashSet<DomainIdentity> Dead { get; } = [];

    /// <summary>A restored VM stays paused until it is let run.</summary>
    public bool Paused { get; set; }

    /// <summary>A restored VM never appears in xenstore.</summary>
    public bool Unseen { get; set; }

    /// <summary>Whether a row of this name is about a VM that a story does not start with.</summary>
    public static bool Makes(string name) => VmName.TryParse(name, out var vm) && ExchangeRules.IsDvmName(vm);

    /// <summary>The outcome of an effect about disposable VMs when nothing goes wrong; null for any other.</summary>
    public ExchangeEvent? Success(ExchangeCommand.Effect effect)
    {
        switch (effect)
        {
            case ExchangeCommand.LookAtSavefile e:
                return new ExchangeEvent.SavefileLooked(e.Id, Savefile);
            case ExchangeCommand.UpdateSavefile e:
                Savefile = Savefile with { Fresh = true };
                return new ExchangeEvent.SavefileUpdated(e.Id);
            case ExchangeCommand.AskMemory e:
                return new ExchangeEvent.MemoryGranted(e.Id);
            case ExchangeCommand.Restore e:
                last++;
                var name = $"disp{last}";
                var vm = Unseen ? new Party(new(new(900 + last), "unseen"), VmName.Parse(name)) : host.Create(name);
                return new ExchangeEvent.Restored(e.Id, vm, VmName.Parse("dvm"), Paused || e.Ahead);
            case ExchangeCommand.RecordDvm e:
                return new ExchangeEvent.Recorded(e.Id);
            case ExchangeCommand.Unpause e:
                return new ExchangeEvent.Unpaused(e.Id);
            case ExchangeCommand.EnterDvm e:
                return new ExchangeEvent.Entered(e.Id);
            case ExchangeCommand.RemoveEntry e:
                return new ExchangeEvent.EntryRemoved(e.Id);
            case ExchangeCommand.DestroyDvm e:
                host.Destroy(e.Vm);
                return new ExchangeEvent.Destroyed(e.Id);
            case ExchangeCommand.ProveDeath e:
                return Dead.Contains(e.Domain) ? new ExchangeEvent.FoundDead(e.Domain) : null;
            case ExchangeCommand.DestroyStranger e:
                host.Destroy(e.Vm);
                return null;
            default:
                return null;
        }
    }

    /// <summary>In the row "dvms": l look, u update, M memory, R restore, w record, p unpause, e enter, k destroy, K a stranger, x remove the entry, f forget.</summary>
    public static char? Letter(ExchangeCommand.Effect effect) => effect switch
    {
        ExchangeCommand.LookAtSavefile => 'l',
        ExchangeCommand.UpdateSavefile => 'u',
        ExchangeCommand.AskMemory => 'M',
        ExchangeCommand.Restore => 'R',
        ExchangeCommand.RecordDvm => 'w',
        ExchangeCommand.Unpause => 'p',
        ExchangeCommand.EnterDvm => 'e',
        ExchangeCommand.DestroyDvm => 'k',
        ExchangeCommand.DestroyStranger => 'K',
        ExchangeCommand.RemoveEntry => 'x',
        ExchangeCommand.ForgetDvm => 'f',
        _ => null,
    };
}
