using System.Numerics;
using System.Runtime.InteropServices;

namespace Qfx.Model;

/// <summary>128 bits that stand for bytes.</summary>
internal static class KeyHash
{
    /// <summary>Two 64-bit hashes with different multipliers: by chance two of a million worlds are taken for one with 1 in 10^26.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            ulong a = 0x9E3779B97F4A7C15, b = 0xC2B2AE3D27D4EB4F ^ (ulong)bytes.Length;
            while (!bytes.IsEmpty)
            {
                ulong word = 0;
                var take = Math.Min(8, bytes.Length);
                bytes[..take].CopyTo(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref word, 1)));
                bytes = bytes[take..];
                a = BitOperations.RotateLeft((a ^ word) * 0xFF51AFD7ED558CCD, 29);
                b = BitOperations.RotateLeft((b ^ word) * 0xC4CEB9FE1A85EC53, 37);
                a ^= a >> 33;
                b ^= b >> 31;
            }

            a = (a ^ (a >> 32)) * 0xD6E8FEB86659FD93;
            b = (b ^ (b >> 32)) * 0xA0761D6478BD642F;
            return new UInt128(a ^ (a >> 32), b ^ (b >> 32));
        }
    }
}
