using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Policy;

namespace Qfx.Streams.Exchange;

/// <summary>What the person is asked to allow: a closed set.</summary>
public abstract record AskedFor
{
    private AskedFor()
    {
    }

    /// <summary>The receiver, where the question names one.</summary>
    public VmName? ToName => (this as Copy)?.To.Name;

    /// <summary>What the policy calls it.</summary>
    public PolicyService Service => this switch
    {
        Dispvm { ViewOnly: true } => PolicyService.ViewInDvm,
        Dispvm => PolicyService.OpenInDvm,
        _ => PolicyService.Copy,
    };

    /// <summary>That the files go to this VM.</summary>
    public sealed record Copy(Party To) : AskedFor;

    /// <summary>That they go to the VM that the person chooses.</summary>
    /// <param name="Among">Those whom the policy allows; not empty.</param>
    /// <param name="Suggested">One of them, or null.</param>
    public sealed record Choice(ImmutableArray<Party> Among, VmName? Suggested) : AskedFor;

    /// <summary>That a new disposable VM opens the file.</summary>
    /// <param name="Seq">The guest's number for it.</param>
    /// <param name="ViewOnly">Nothing comes back.</param>
    public sealed record Dispvm(int Seq, bool ViewOnly) : AskedFor;
}
