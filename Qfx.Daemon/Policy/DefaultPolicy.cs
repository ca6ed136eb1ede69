namespace Qfx.Daemon.Policy;

/// <summary>The policy that the packages ship, packaging/policy/90-default.policy: for the demo, which has no folder of its own.</summary>
internal static class DefaultPolicy
{
    public const string FileName = "90-default.policy";

    /// <summary>Puts it into a folder, which is made.</summary>
    public static void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        using var from = typeof(DefaultPolicy).Assembly.GetManifestResourceStream(FileName)!;
        using var to = File.Create(Path.Combine(folder, FileName));
        from.CopyTo(to);
    }
}
