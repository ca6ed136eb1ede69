using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Policy;

/// <summary>A word of a line that stands for VMs, in the source or the target column: a closed set.</summary>
/// <remarks>
/// The words and what they match are those of Qubes' policy (doc/multifile-policy, "Qube specification"). <c>@anyvm</c> is
/// everything but dom0, a request without a target and one for a disposable VM included; only <c>*</c>, <c>@adminvm</c> and
/// <c>dom0</c> mean dom0.
/// </remarks>
public abstract record PolicyToken
{
    private PolicyToken()
    {
    }

    /// <summary>As it is written in a line.</summary>
    public abstract string Text { get; }

    /// <summary>Whether it stands for this target.</summary>
    /// <param name="target">What the request is aimed at.</param>
    /// <param name="source">Who asks: its disposable VMs may be made of a VM of its own.</param>
    /// <param name="facts">What is known of VMs.</param>
    internal abstract bool Matches(PolicyTarget target, VmFacts source, Facts facts);

    /// <inheritdoc/>
    public sealed override string ToString() => Text;

    /// <summary>One VM.</summary>
    public sealed record Named(VmName Name) : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => Name.ToString();

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) => target is PolicyTarget.Vm vm && vm.Is.Name == Name;
    }

    /// <summary><c>*</c>: everything, dom0 too.</summary>
    public sealed record Everything : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => "*";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) => true;
    }

    /// <summary><c>@anyvm</c>: everything but dom0.</summary>
    public sealed record AnyVm : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => "@anyvm";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) => target != PolicyTarget.Dom0;
    }

    /// <summary><c>@adminvm</c>, or <c>dom0</c>.</summary>
    public sealed record AdminVm : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => "@adminvm";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) => target == PolicyTarget.Dom0;
    }

    /// <summary><c>@default</c>: no target was named.</summary>
    public sealed record Default : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => "@default";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) => target == PolicyTarget.None;
    }

    /// <summary><c>@dispvm</c>: a new disposable VM.</summary>
    public sealed record Dispvm : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => "@dispvm";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) => target == PolicyTarget.NewDispvm;
    }

    /// <summary><c>@dispvm:NAME</c>: a new disposable VM that is made of this VM.</summary>
    public sealed record DispvmOf(VmName Template) : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => $"@dispvm:{Template}";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) =>
            target == PolicyTarget.NewDispvm && source.DispvmTemplate == Template;
    }

    /// <summary><c>@dispvm:@tag:TAG</c>: a new disposable VM that is made of a VM with this tag.</summary>
    public sealed record DispvmTagged(string Tag) : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => $"@dispvm:@tag:{Tag}";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) =>
            target == PolicyTarget.NewDispvm && source.DispvmTemplate is { } template && facts.Of(new(template)).Tags.Contains(Tag);
    }

    /// <summary><c>@tag:TAG</c>: VMs with this tag.</summary>
    public sealed record Tagged(string Tag) : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => $"@tag:{Tag}";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) =>
            target is PolicyTarget.Vm vm && facts.Of(vm.Is).Tags.Contains(Tag);
    }

    /// <summary><c>@type:TYPE</c>: VMs of this type.</summary>
    public sealed record Typed(string Type) : PolicyToken
    {
        /// <inheritdoc/>
        public override string Text => $"@type:{Type}";

        internal override bool Matches(PolicyTarget target, VmFacts source, Facts facts) =>
            target is PolicyTarget.Vm vm && facts.Of(vm.Is).Type == Type;
    }

    /// <summary>What is known of VMs, by name.</summary>
    internal readonly record struct Facts(ImmutableDictionary<VmName, VmFacts> ByName)
    {
        public VmFacts Of(PolicyVm vm)
        {
            var known = ByName.GetValueOrDefault(vm.Name, VmFacts.Unknown);
            return vm.Disposable ? known with { Type = "DispVM" } : known;
        }
    }
}
