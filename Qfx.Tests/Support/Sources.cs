namespace Qfx.Tests.Support;

/// <summary>The checkout that these tests were built in: for tests of its documents.</summary>
internal static class Sources
{
    /// <summary>A file of the checkout, by its path from the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root(), path));

    /// <summary>The folder of Qfx.sln.</summary>
    public static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Qfx.sln"))) at = at.Parent ?? throw new DirectoryNotFoundException("Not in a checkout.");
        return at.FullName;
    }
}
