using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

public class DeedsTests
{
    private readonly Deeds deeds = new();
    private readonly List<string> done = [];

    [Fact]
    public void What_a_deed_adds_is_done_after_it_and_not_within_it()
    {
        deeds.Add(() =>
        {
            done.Add("first begins");
            deeds.Add(() => done.Add("second"));
            deeds.DoAll();
            done.Add("first ends");
        });

        deeds.DoAll();

        Assert.Equal(["first begins", "first ends", "second"], done);
    }

    [Fact]
    public void After_one_that_fails_the_next_can_be_done()
    {
        deeds.Add(() => throw new InvalidOperationException("it fails"));
        deeds.Add(() => done.Add("next"));
        Assert.Throws<InvalidOperationException>(deeds.DoAll);

        deeds.DoAll();

        Assert.Equal(["next"], done);
    }
}
