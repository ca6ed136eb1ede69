namespace Qfx.Streams.Policy;

/// <summary>What a policy line can be about: a closed set.</summary>
public enum PolicyService
{
    /// <summary>Files go from one VM to another: <c>send NAME</c>, <c>send @ask</c>.</summary>
    Copy,

    /// <summary>A new disposable VM opens a file and may send it back: <c>send disposable SEQ</c>.</summary>
    OpenInDvm,

    /// <summary>The same, and nothing comes back: <c>send disposable SEQ view</c>.</summary>
    ViewInDvm,

    /// <summary>A disposable VM sends its answer to who asked for it. A line can deny that, never allow more.</summary>
    Reply,
}

/// <summary>The names that lines give them.</summary>
public static class PolicyServices
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<PolicyService> All =
        [PolicyService.Copy, PolicyService.OpenInDvm, PolicyService.ViewInDvm, PolicyService.Reply];

    /// <summary>As the first word of a line has it.</summary>
    public static string Word(this PolicyService service) => service switch
    {
        PolicyService.Copy => "qfx.Copy",
        PolicyService.OpenInDvm => "qfx.OpenInDvm",
        PolicyService.ViewInDvm => "qfx.ViewInDvm",
        PolicyService.Reply => "qfx.Reply",
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "no word for this service"),
    };
}
