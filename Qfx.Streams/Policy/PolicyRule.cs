using Qfx.Streams.Domains;

namespace Qfx.Streams.Policy;

/// <summary>What a line says.</summary>
public enum PolicyVerdict
{
    /// <summary>No.</summary>
    Deny,

    /// <summary>The person is asked.</summary>
    Ask,

    /// <summary>Yes, without a question.</summary>
    Allow,
}

/// <summary>One line of a policy file.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Line">Its place there, from 1.</param>
/// <param name="Service">What it is about; null for <c>*</c>, everything.</param>
/// <param name="Argument"><c>*</c> or <c>+…</c>. No request here has an argument, so <c>+</c> is as good as <c>*</c>, and anything longer never fits.</param>
/// <param name="Source">Who asks.</param>
/// <param name="Target">What for.</param>
/// <param name="Verdict">What is to be done.</param>
public sealed record PolicyRule(
    string File, int Line, PolicyService? Service, string Argument, PolicyToken Source, PolicyToken Target, PolicyVerdict Verdict)
{
    /// <summary><c>target=</c>: this one, whatever the request named. A name or <c>@dispvm</c>.</summary>
    public PolicyToken? Redirect { get; init; }

    /// <summary><c>default_target=</c>: suggested to the person.</summary>
    public VmName? DefaultTarget { get; init; }

    /// <summary><c>autostart=no</c>: no VM is to be started for it, which a new disposable VM would be.</summary>
    public bool Autostart { get; init; } = true;

    /// <summary><c>notify=</c>: whether the person hears of it. A deny is told unless it says no, the others if they say yes.</summary>
    public bool Notify { get; init; }

    /// <summary><c>user=</c> was given, which means nothing here.</summary>
    public bool HasUser { get; init; }

    /// <summary>Where it stands: <c>90-default.policy:7</c>.</summary>
    public string Place => $"{File}:{Line}";

    /// <summary>Whether it fits in its first two columns.</summary>
    internal bool Is(PolicyService service) => (Service is null || Service == service) && Argument is "*" or "+";
}
