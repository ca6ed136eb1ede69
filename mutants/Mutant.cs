namespace Qfx.Mutants;

/// <summary>One change of the code that some test should notice.</summary>
/// <param name="Id">From 1 on.</param>
/// <param name="File">Relative to the project.</param>
/// <param name="Line">From 1 on.</param>
/// <param name="Change">In words.</param>
/// <param name="Code">What is changed.</param>
internal sealed record Mutant(int Id, string File, int Line, string Change, string Code)
{
    public override string ToString() => $"{File}:{Line}: {Change}: {Code}";
}
