namespace Qfx.Tests.Support;

/// <summary>Tests that measure the whole process, such as its memory: nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
