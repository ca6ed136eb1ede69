using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Store;

public class XsEndpointTests
{
    [Theory]
    [InlineData("/tmp/s", true, "/tmp/s", false)]
    [InlineData("/tmp/s", false, "/tmp/s", false)]
    [InlineData("/dev/xen/xenbus", true, "/dev/xen/xenbus", true)]
    [InlineData(null, true, "/run/xenstored/socket", false)]
    [InlineData("", true, "/run/xenstored/socket", false)]
    [InlineData(null, false, "/dev/xen/xenbus", true)]
    public void The_environment_comes_first_then_the_socket_then_the_device(string? variable, bool isThere, string path, bool isDevice)
    {
        var endpoint = XsEndpoint.Choose(variable, path => isThere && path == "/run/xenstored/socket");
        Assert.Equal((path, isDevice), (endpoint.Path, endpoint.IsDevice));
    }

    [Theory]
    [InlineData("/nowhere/at/all")]
    [InlineData("/etc/passwd")]
    public async Task Where_no_xenstored_listens_connecting_says_so(string path)
    {
        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => XsClient.ConnectAsync(XsEndpoint.Socket(path)));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_no_xenstored_either() =>
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => XsClient.ConnectAsync(XsEndpoint.Socket(new string('x', 200))));

    [Fact]
    public async Task A_device_that_is_not_there_says_so()
    {
        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => XsClient.ConnectAsync(XsEndpoint.Device("/dev/no/xenbus")));
        Assert.Contains("/dev/no/xenbus", e.Message, StringComparison.Ordinal);
    }
}
