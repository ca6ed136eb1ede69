using System.Text;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Tests.Xen.Differential;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

/// <summary>A path is what the server does not call malformed.</summary>
public sealed class XsPathTests
{
    [Theory]
    [InlineData("/", 2047, true)]
    [InlineData("/", 2048, false)]
    [InlineData("", 2048, true)]
    [InlineData("", 2049, false)]
    [InlineData("/local/domain/7/", 2048, true)]
    [InlineData("/local/domain/7/", 2049, false)]
    [InlineData("/local/domain/32751/", 2048, true)]
    [InlineData("/local/domain/123456/", 2048, false)]
    [InlineData("/local/domain/x/", 2040, false)]
    [InlineData("/local/domain/", 2034, true)]
    [InlineData("/local/domain/", 2035, false)]
    [InlineData("/local/domai/7/", 2034, false)]
    [InlineData("@", 2047, true)]
    [InlineData("@", 2048, false)]
    public void A_domains_own_part_has_as_much_room_as_any_path(string start, int more, bool isPath) =>
        Assert.Equal(isPath, XsPath.TryParse(start + new string('x', more), out _));

    [Fact]
    public void Below_a_long_relative_path_is_as_below_its_absolute_one()
    {
        var part = new string('x', 2000);
        Assert.Equal(2048, (new XsPath(part) / new string('y', 47)).ToString().Length);
        Assert.Throws<FormatException>(() => new XsPath(part) / new string('y', 48));
        Assert.Equal(16 + 2048, (XsPath.Home(new Domid(7)) / part / new string('y', 47)).ToString().Length);
        Assert.Throws<FormatException>(() => XsPath.Home(new Domid(7)) / part / new string('y', 48));
    }

    /// <summary>EINVAL for what is none, and for nothing else.</summary>
    [Fact]
    public async Task What_is_a_path_is_one_for_the_real_server_too()
    {
        await using var real = await RealXenstored.StartAsync(TestContext.Current.CancellationToken);
        using var client = new RawClient(real.SocketPath);
        var random = Seeded.Random();
        for (var i = 0; i < 4000; i++)
        {
            var text = Text(random);
            var (type, answer) = client.Ask(XsType.Read, 0, Encoding.Latin1.GetBytes(text + "\0"));
            var malformed = type == XsType.Error && answer == "EINVAL\0";
            var isPath = XsPath.TryParse(text, out var path) && !path.IsSpecial;    // those can only be watched
            Assert.True(isPath != malformed, $"{text.Length}: {text} -> {answer}");
        }
    }

    private static string Text(Random random)
    {
        string[] parts = ["a", "/", "/", "local", "domain", "/local/domain/", "7", "32751", "123456", "-5", "@", "_", "-", " ", ".", "\x01", "\x7f", "é", ":", "Z9"];
        var text = new StringBuilder();
        for (var left = random.Next(8); left > 0; left--) text.Append(parts[random.Next(parts.Length)]);
        if (random.Next(2) == 0) text.Insert(0, random.Next(2) == 0 ? "/local/domain/" : $"/local/domain/{random.Next(200_000)}/");
        if (random.Next(2) == 0) text.Append('x', random.Next(3) == 0 ? random.Next(2100) : 2048 + random.Next(-25, 3));
        return text.ToString();
    }

    [Fact]
    public void The_root_is_what_a_default_value_is()
    {
        Assert.Equal(default, XsPath.Root);
        Assert.Equal(default, new XsPath("/"));
        Assert.Equal("/", default(XsPath).ToString());
    }
}
