namespace Qfx.Guest.Disposable;

/// <summary>What a simulated VM says of itself through its environment; a real one has the defaults.</summary>
/// <param name="Mark">Is there in a disposable VM: /etc/this_is_dvm, or <c>QFX_DVM_MARK</c>.</param>
/// <param name="Opener">A program that opens documents in place of the person's applications: <c>QFX_OPENER</c>, else null.</param>
internal sealed record DvmSettings(string Mark, string? Opener)
{
    public static DvmSettings FromEnvironment() => new(Variable("QFX_DVM_MARK") ?? "/etc/this_is_dvm", Variable("QFX_OPENER"));

    public bool IsDvm => File.Exists(Mark);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
