using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Qfx.Tests.Streams;

/// <summary>Who may know of whom. docs/architecture.md, "The parts".</summary>
public class ArchitectureTests
{
    [Fact]
    public void The_rules_know_no_sockets_files_processes_clocks_or_logs()
    {
        string[] forbidden =
        [
            "System.Net.", "System.IO.File", "System.IO.Directory", "System.IO.Path", "System.IO.Stream", "System.Diagnostics.Process",
            "System.Diagnostics.Stopwatch", "System.DateTime", "System.Threading.Timer", "System.Threading.Thread",
            "System.Console", "System.Reactive.Concurrency.Scheduler.", "System.Random", "Microsoft.Extensions.", "Serilog",
        ];

        // DateTimeOffset is a value that a scheduler hands out, and the marble kit's clock is a TimeProvider: asking for the real time is
        // what is forbidden (members, below).
        var types = References(typeof(Qfx.Streams.Exchange.ExchangeRules).Assembly).Types
            .Where(type => type is not ("System.DateTimeOffset" or "System.Threading.TimerCallback")).Where(type => forbidden.Any(f => type.StartsWith(f, StringComparison.Ordinal)));
        var members = References(typeof(Qfx.Streams.Exchange.ExchangeRules).Assembly).Members
            .Where(member => member is "DateTimeOffset.get_UtcNow" or "DateTimeOffset.get_Now" or "Scheduler.get_Default" or "TimeProvider.get_System" or "Task.Delay" or "Task.Run"
                or "Task.Wait" or "Task`1.get_Result"
                || (member.StartsWith("Environment.", StringComparison.Ordinal) && member != "Environment.get_CurrentManagedThreadId"));    // the compiler's own, in iterators

        Assert.Empty(types);
        Assert.Empty(members);
    }

    /// <summary>.NET's cryptography is OpenSSL's: in a VM that has none, its first use ends the program with "Aborted".</summary>
    [Fact]
    public void The_guest_needs_no_OpenSSL() =>
        Assert.DoesNotContain("System.Security.Cryptography", Assembly.Load("qfx-guest").GetReferencedAssemblies().Select(name => name.Name));

    [Theory]
    [InlineData("Qfx.Xen", new[] { "System.Reactive" })]
    [InlineData("Qfx.Streams", new[] { "System.Reactive", "DynamicData", "Qfx.Xen" })]
    [InlineData("qfx-guest", new[] { "Qfx.Xen", "System.Reactive", "BouncyCastle.Cryptography" })]
    public void Each_part_sees_only_what_it_may(string assembly, string[] allowed)
    {
        var seen = Assembly.Load(assembly).GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("System.Reactive", StringComparison.Ordinal))
            .Where(name => !name.StartsWith("Microsoft.Win32", StringComparison.Ordinal));

        Assert.Subset(allowed.ToHashSet(), seen.ToHashSet());
    }

    private static (HashSet<string> Types, HashSet<string> Members) References(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        var types = metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}").ToHashSet();
        var members = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => $"{metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name)}.{metadata.GetString(member.Name)}")
            .ToHashSet();
        return (types, members);
    }
}
