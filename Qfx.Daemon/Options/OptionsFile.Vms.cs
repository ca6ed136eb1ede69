using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Policy;

namespace Qfx.Daemon.Options;

/// <content>What is known of VMs where there is no Qubes database: <c>[labels]</c>, <c>[tags]</c>, <c>[types]</c>, <c>[dispvm_templates]</c>, a VM a line.</content>
internal static partial class OptionsFile
{
    private sealed partial class Reader
    {
        public ImmutableDictionary<VmName, VmFacts> Vms()
        {
            var vms = ImmutableDictionary.CreateBuilder<VmName, VmFacts>();
            Each("labels:", vms, (vm, text) => vm with { Label = Word(text) });
            Each("tags:", vms, (vm, text) => vm with { Tags = [.. text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(Word)] });
            Each("types:", vms, (vm, text) => vm with { Type = Word(text) });
            Each("dispvm_templates:", vms, (vm, text) => vm with { DispvmTemplate = VmName.Parse(text) });
            return vms.ToImmutable();
        }

        private void Each(string section, ImmutableDictionary<VmName, VmFacts>.Builder vms, Func<VmFacts, string, VmFacts> set)
        {
            foreach (var key in values.Keys.Where(key => key.StartsWith(section, StringComparison.OrdinalIgnoreCase)).ToArray())
            {
                var text = Take(key) ?? "";
                try
                {
                    var name = VmName.Parse(key[section.Length..]);
                    vms[name] = set(vms.GetValueOrDefault(name, VmFacts.Unknown), text);
                }
                catch (FormatException)
                {
                    Fault(key, $"is '{text}': a name of a VM, and letters, digits, _ . and - are allowed");
                }
            }
        }

        private static string Word(string text) =>
            text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') ? text : throw new FormatException(text);
    }
}
