using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Policy;

/// <summary>What dom0 knows of a VM beside its name: from the Qubes database, or the configuration.</summary>
public sealed record VmFacts
{
    /// <summary>Nothing special is known.</summary>
    public static readonly VmFacts Unknown = new();

    /// <summary><c>AppVM</c>, <c>TemplateVM</c>, <c>StandaloneVM</c> or <c>DispVM</c>.</summary>
    public string Type { get; init; } = "AppVM";

    /// <summary>Its tags.</summary>
    public ImmutableHashSet<string> Tags { get; init; } = [];

    /// <summary>Its label's name, such as <c>red</c>; null where it has none.</summary>
    public string? Label { get; init; }

    /// <summary>The VM that its disposable VMs are made of; null for the host's only one.</summary>
    public VmName? DispvmTemplate { get; init; }
}

/// <summary>A VM that a line may be about.</summary>
/// <param name="Name">Under which it runs.</param>
/// <param name="Disposable">It is a disposable VM of ours, whatever the facts say.</param>
public sealed record PolicyVm(VmName Name, bool Disposable = false)
{
    /// <summary>An ordinary VM of this name.</summary>
    public static PolicyVm Of(VmName name) => new(name);
}

/// <summary>What a request is aimed at: a closed set.</summary>
public abstract record PolicyTarget
{
    /// <summary>A new disposable VM.</summary>
    public static readonly PolicyTarget NewDispvm = new Dispvm();

    /// <summary>None: the person is to choose.</summary>
    public static readonly PolicyTarget None = new Unnamed();

    /// <summary>dom0, which is never a party.</summary>
    public static readonly PolicyTarget Dom0 = new AdminVm();

    private PolicyTarget()
    {
    }

    /// <summary>A VM that runs.</summary>
    public static PolicyTarget Of(VmName name) => new Vm(new(name));

    /// <summary>A VM that runs.</summary>
    public sealed record Vm(PolicyVm Is) : PolicyTarget
    {
        /// <inheritdoc/>
        public override string ToString() => Is.Name.ToString();
    }

    private sealed record Dispvm : PolicyTarget
    {
        public override string ToString() => "@dispvm";
    }

    private sealed record Unnamed : PolicyTarget
    {
        public override string ToString() => "@default";
    }

    private sealed record AdminVm : PolicyTarget
    {
        public override string ToString() => "@adminvm";
    }
}
