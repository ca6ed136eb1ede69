using Qfx.Xen.Connection;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

public sealed class XsCallTests
{
    [Fact]
    public async Task Whatever_goes_wrong_while_an_answer_is_read_whoever_waits_for_it_is_told()
    {
        var call = new XsCall<int>(XsType.Read, "/a", _ => throw new InvalidOperationException("a mistake"));
        call.Begin(onReader: false, TestContext.Current.CancellationToken);

        Assert.Throws<InvalidOperationException>(() => call.Answer([]));

        var told = await Assert.ThrowsAsync<XenstoreConnectionException>(() => call.Task);
        Assert.Equal("a mistake", told.InnerException?.Message);
    }
}
