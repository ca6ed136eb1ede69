using System.Text;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Xen.Domains;

public class DomidTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("32751", 32751)]
    [InlineData("32752", null)]
    [InlineData("", null)]
    [InlineData("07", null)]
    [InlineData("+7", null)]
    [InlineData("7 ", null)]
    [InlineData("7\0", null)]
    [InlineData("\u0667", null)]
    [InlineData("100000", null)]
    public void A_domid_is_read_as_xenstore_spells_it_and_nothing_else_is(string text, int? domid)
    {
        Assert.Equal(domid, Domid.TryParse(text, out var read) ? read.Value : null);
        Assert.Equal(domid, Domid.TryParse(Encoding.UTF8.GetBytes(text), out read) ? read.Value : null);
    }
}
