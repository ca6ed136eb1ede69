using System.Globalization;

namespace Qfx.Xen.Block;

/// <summary>A virtual disk number, in decimal in xenstore. Whole-disk xvda is 51712 (202 &lt;&lt; 8).</summary>
/// <remarks>xen-vbd-interface(7), "Concrete encoding": 202 &lt;&lt; 8 | disk &lt;&lt; 4 for the first 16 disks, no partition.</remarks>
public readonly record struct Vdev
{
    /// <summary>The disk that a sender writes on: 51808.</summary>
    public static readonly Vdev Xvdg = Disk('g');

    /// <summary>The disk that a receiver reads from: 51824.</summary>
    public static readonly Vdev Xvdh = Disk('h');

    private Vdev(int number) => Number = number;

    /// <summary>As the device folders in xenstore are named.</summary>
    public int Number { get; }

    /// <summary>As the guest's kernel calls it, such as <c>xvdg</c>.</summary>
    public string Name => $"xvd{(char)('a' + ((Number & 0xFF) >> 4))}";

    /// <summary>A whole disk by its letter, a … p.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another letter.</exception>
    public static Vdev Disk(char letter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(letter, 'a');
        ArgumentOutOfRangeException.ThrowIfGreaterThan(letter, 'p');
        return new((202 << 8) | ((letter - 'a') << 4));
    }

    /// <summary>Reads a whole disk among the first 16, by its number in decimal. False for any other.</summary>
    public static bool TryParse(string? text, out Vdev vdev)
    {
        vdev = default;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >> 8 != 202 || (number & 0xF) != 0) return false;
        vdev = new(number);
        return vdev.ToString() == text;
    }

    /// <summary>The number, in decimal.</summary>
    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
}
