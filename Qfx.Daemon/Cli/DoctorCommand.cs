using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qfx.Daemon.Ask;
using Qfx.Daemon.Doctor;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Cli;

/// <summary><c>qfilexchgd doctor</c>: what of this machine is not as the daemon needs it, and how to mend it.</summary>
internal static partial class DoctorCommand
{
    /// <summary>Where the words of a finding begin.</summary>
    private const int Indent = 21;

    public static Command Create()
    {
        var file = new Option<string?>("--config", "-c") { Description = $"the configuration file (default: {OptionsFile.DefaultPath})" };
        var json = new Option<bool>("--json") { Description = "for programs" };
        var command = new Command("doctor", "Looks at all that the daemon needs of this machine, and says how to mend it. Exit code: 0 all is well or can be lived with, 1 not.")
        {
            file, json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var findings = await Checkup.RunAsync(OptionsFile.Read(parsed.GetValue(file)), new(), cancel).ConfigureAwait(false);
            await Console.Out.WriteAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(findings, Json.Default.IReadOnlyListFinding) + "\n" : Table(findings, Console.IsOutputRedirected ? int.MaxValue : Console.WindowWidth)).ConfigureAwait(false);
            return findings.Any(finding => finding.Health == Health.Bad) ? 1 : 0;
        });
        return command;
    }

    /// <summary>A line each, and below it what to do.</summary>
    /// <param name="findings">What was found.</param>
    /// <param name="width">Letters in a line of the terminal.</param>
    internal static string Table(IReadOnlyList<Finding> findings, int width) => string.Concat(findings.Select(finding =>
        Lines.Wrap($"{Word(finding.Health),-5} {finding.What,-14} {finding.Seen}", width, Indent)
        + (finding.Mend is null ? "" : Lines.Wrap($"{"",Indent}-> {finding.Mend}", width, Indent + 3))));

    private static string Word(Health health) => health switch
    {
        Health.Good => "ok",
        Health.Warning => "mind",
        _ => "BAD",
    };

    [JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(IReadOnlyList<Finding>))]
    private sealed partial class Json : JsonSerializerContext;
}
