using CsCheck;
using Qfx.Daemon.Images;
using Qfx.Streams.Domains;

namespace Qfx.Tests.Daemon.Images;

/// <summary>The label of a VM's pendrive.</summary>
public class PendriveLabelTests
{
    [Theory]
    [InlineData("w", "W")]
    [InlineData("work", "WORK")]
    [InlineData("my.vm-2_b", "MY_VM-2_B")]
    [InlineData("elevenchars", "ELEVENCHARS")]
    [InlineData("twelve.chars", "TWELVE_CHAR")]
    [InlineData("a.b-c_d.e-f_g.h-i_j.k-l_m.n-o_p", "A_B-C_D_E-F")]
    [InlineData("9..", "9__")]
    public void It_is_the_name_in_capitals_with_points_as_underscores_cut_to_eleven(string name, string label) =>
        Assert.Equal(label, PendriveLabel.Of(VmName.Parse(name)));

    [Fact]
    public void Every_name_gives_a_label_that_FAT_and_every_reader_of_it_can_bear() =>
        Gen.Select(Gen.Char.AlphaNumeric, Gen.OneOf(Gen.Char.AlphaNumeric, Gen.Const('.'), Gen.Const('_'), Gen.Const('-')).Array[0, 30])
            .Select((first, rest) => first + new string(rest))
            .Where(name => VmName.TryParse(name, out _))
            .Sample(name => Assert.Matches("^[A-Z0-9][A-Z0-9_-]{0,10}$", PendriveLabel.Of(VmName.Parse(name))));
}
