using System.Buffers;
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Serilog.Sinks.Journald;

/// <summary>One entry as journald reads it.</summary>
/// <remarks>
/// systemd's "Native Journal Protocol": a field is <c>NAME=value\n</c>, or for a value that may hold anything
/// <c>NAME\n</c>, its length in bytes as 64 bits little-endian, the bytes, <c>\n</c>.
/// </remarks>
internal sealed class JournalEntry
{
    private const int MaxName = 64;    // bytes

    private readonly ArrayBufferWriter<byte> bytes = new(1024);
    private readonly HashSet<string> names = [];

    public ReadOnlySpan<byte> Bytes => bytes.WrittenSpan;

    /// <summary>Adds a field. Its name is made fit; one that is taken gets underscores at its end, so that no field covers another.</summary>
    public void Add(string name, string value)
    {
        var fit = Fit(name);
        while (!names.Add(fit)) fit += "_";
        Encoding.ASCII.GetBytes(fit, bytes);
        if (value.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            bytes.Write("\n"u8);
            WriteUInt64LittleEndian(bytes.GetSpan(sizeof(ulong)), (ulong)Encoding.UTF8.GetByteCount(value));
            bytes.Advance(sizeof(ulong));
        }
        else
        {
            bytes.Write("="u8);
        }

        Encoding.UTF8.GetBytes(value, bytes);
        bytes.Write("\n"u8);
    }

    /// <summary>Capitals, digits and underscores, no underscore or digit first, at most 64: journald drops any other field.</summary>
    private static string Fit(string name)
    {
        var fit = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')).TrimStart('_');
        if (fit.Length == 0 || char.IsAsciiDigit(fit[0])) fit = "F_" + fit;
        return fit.Length > MaxName ? fit[..MaxName] : fit;
    }
}
