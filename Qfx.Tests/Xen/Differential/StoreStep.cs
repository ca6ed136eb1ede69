using System.Text;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>One request of a random program.</summary>
/// <param name="Client">Who asks: 0 and 1 are dom0's, 2 is a guest's.</param>
/// <param name="Type">What is asked, known to the server or not.</param>
/// <param name="Transaction">0 for none, else the client's first, second, … open or ended transaction; 9 for one that never was.</param>
/// <param name="Payload">In Latin-1; <c>|</c> stands for NUL, a run of <c>~</c> and a number for a long value.</param>
internal sealed partial record StoreStep(int Client, XsType Type, int Transaction, string Payload)
{
    public byte[] Bytes => Encoding.Latin1.GetBytes(Long(Payload).Replace('|', '\0'));

    public override string ToString() => $"{(Client == 2 ? "guest" : $"dom0/{Client}")} {Type} {Payload}{(Transaction == 0 ? "" : $" in t{Transaction}")}";

    private static string Long(string payload) => LongValue().Replace(
        payload, match => new string('x', int.Parse(match.ValueSpan[1..], System.Globalization.CultureInfo.InvariantCulture)));

    [System.Text.RegularExpressions.GeneratedRegex("~[0-9]+")]
    private static partial System.Text.RegularExpressions.Regex LongValue();
}
