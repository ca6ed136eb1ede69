using System.Text;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <content>What xenstore-control asks: of the C server's commands, those that have a meaning here.</content>
internal sealed partial class StoreCore
{
    /// <summary>Each with its parameters, as the C server words them.</summary>
    private static readonly (string Name, string Parameters)[] Commands = [("check", ""), ("log", "on|off"), ("print", "<string>"), ("help", "")];

    private static byte[] Control(ReadOnlySpan<byte> payload)
    {
        var words = new List<string>();
        while (!payload.IsEmpty) words.Add(Next(ref payload));
        return words switch
        {
            ["help"] => Encoding.ASCII.GetBytes(string.Concat(Commands.Select(command => $"{command.Name}\t{command.Parameters}\n")) + "\0"),
            ["check"] or ["log", "on" or "off"] or ["print", _] => Ok,    // there is nothing to mend, and no log
            _ => throw new StoreException(XsError.EINVAL),
        };
    }
}
