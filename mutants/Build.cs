using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Qfx.Mutants;

/// <summary>Compiles Qfx.Streams with all mutants in it. What does not compile is no mutant.</summary>
internal static class Build
{
    private const string Switch = """
        global using System; global using System.Collections.Generic; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks; global using System.IO;
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Qfx.Tests")]
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("qfilexchgd")]
        namespace Qfx.Mutants
        {
            public static class Switch
            {
                public static volatile int Active;
                public static volatile bool Broken;
                public static bool[]? Reached;
                [System.ThreadStatic] private static nint top;
                private static unsafe bool Deep()
                {
                    byte here;
                    var at = (nint)(&here);
                    if (at > top) top = at;    // the first call on this thread, or one from further up
                    return top - at > 512 << 10;
                }
                public static bool On(int id)
                {
                    if (Deep()) throw new System.InvalidOperationException("it calls itself for ever");
                    if (Broken) throw new System.InvalidOperationException("it does not end");
                    if (Reached is { } reached) reached[id] = true;
                    return id == Active;
                }
            }
        }
        """;

    private static readonly string[] OfTheProject = ["System.Reactive.dll", "DynamicData.dll", "Qfx.Xen.dll"];

    /// <param name="project">The folder of Qfx.Streams.</param>
    /// <param name="bin">Where its references are.</param>
    /// <param name="take">Which of its files are mutated.</param>
    /// <param name="to">The assembly.</param>
    public static List<Mutant> Run(string project, string bin, Func<string, bool> take, string to)
    {
        var files = Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(project, f).StartsWith("obj", StringComparison.Ordinal) && !Path.GetRelativePath(project, f).StartsWith("bin", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToArray();
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Where(path => Path.GetFileName(path).StartsWith("System", StringComparison.Ordinal) || Path.GetFileName(path) is "netstandard.dll" or "mscorlib.dll")
            .Concat(OfTheProject.Select(name => Path.Combine(bin, name)))
            .Where(path => Path.GetFileName(path) is not ("System.Reactive.Core.dll" or "System.Reactive.Linq.dll" or "System.Reactive.Interfaces.dll"))
            .DistinctBy(Path.GetFileName).Select(path => MetadataReference.CreateFromFile(path)).ToArray();
        var without = new HashSet<int>();
        while (true)
        {
            var mutants = new List<Mutant>();
            var trees = files.Select(file =>
            {
                var root = CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file).GetRoot();
                var name = Path.GetRelativePath(project, file);
                if (take(name)) root = new Mutator(name, mutants, without).Visit(root);
                return CSharpSyntaxTree.Create((CSharpSyntaxNode)root, options, file);
            }).Append(CSharpSyntaxTree.ParseText(Switch, options)).ToArray();
            var compilation = CSharpCompilation.Create("Qfx.Streams", trees, references, new(
                OutputKind.DynamicallyLinkedLibrary, checkOverflow: true, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Debug, allowUnsafe: true));
            var errors = compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).ToArray();
            Console.WriteLine($"{mutants.Count - without.Count} changes, {errors.Length} errors of the compiler");
            if (errors.Length == 0)
            {
                var emitted = compilation.Emit(to);
                return emitted.Success ? [.. mutants.Where(m => !without.Contains(m.Id))] : throw new InvalidOperationException(string.Join('\n', emitted.Diagnostics.Take(5)));
            }

            var more = errors.SelectMany(Culprits).Except(without).ToArray();
            if (more.Length == 0) throw new InvalidOperationException(string.Join('\n', errors.Take(5).Select(e => e.ToString())));
            without.UnionWith(more);
        }
    }

    /// <summary>The mutants around an error; where there is none, all of its statement, then of its member.</summary>
    private static IEnumerable<int> Culprits(Diagnostic error)
    {
        var node = error.Location.SourceTree!.GetRoot().FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
        var around = node.AncestorsAndSelf().Select(Ids).FirstOrDefault(ids => ids.Length > 0);
        if (around is not null && error.Id is not ("CS0165" or "CS0177" or "CS8602")) return around;
        foreach (var ancestor in node.AncestorsAndSelf().Where(a => a is Microsoft.CodeAnalysis.CSharp.Syntax.StatementSyntax or Microsoft.CodeAnalysis.CSharp.Syntax.SwitchExpressionArmSyntax or Microsoft.CodeAnalysis.CSharp.Syntax.MemberDeclarationSyntax))
        {
            var within = ancestor.DescendantNodesAndSelf().SelectMany(Ids).ToArray();
            if (within.Length > 0) return within;
        }

        return [];
    }

    private static int[] Ids(SyntaxNode node) => [.. node.GetAnnotations(Mutator.Mark).Select(a => int.Parse(a.Data!, CultureInfo.InvariantCulture))];
}
