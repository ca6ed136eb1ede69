using System.Reflection;
using DiscUtils.Fat;
using DynamicData;

namespace Qfx.Tests.Compat;

/// <summary>
/// A stand-in has the members that are recorded here, and no others; the published package has at least these
/// (<c>-p:UpstreamPackages=true</c>). The lists are the contract between the code above and either of them.
/// </summary>
public sealed class SurfaceTests
{
    [Theory]
    [InlineData("DynamicData", typeof(SourceCache<,>))]
    [InlineData("DiscUtils.Fat", typeof(FatFileSystem))]
    public void The_public_surface_is_the_recorded_one(string package, Type member)
    {
        var recorded = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Compat", $"{package}.surface.txt"));
        var assembly = member.Assembly;
        var actual = assembly.GetExportedTypes().SelectMany(Members).Order(StringComparer.Ordinal).ToArray();

        Assert.NotEmpty(recorded);
        if (assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product == "Qfx") Assert.Equal(recorded, actual);
        else Assert.Empty(recorded.Except(actual));
    }

    private static IEnumerable<string> Members(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Where(member => member is not MethodInfo { IsSpecialName: true } && member.DeclaringType == type && !member.Name.StartsWith('<'))
        .Where(member => member is not MethodInfo { Name: "ToString" or "Equals" or "GetHashCode" })
        .Select(member => $"{type.FullName}: {member}")
        .Prepend(type.FullName!);
}
