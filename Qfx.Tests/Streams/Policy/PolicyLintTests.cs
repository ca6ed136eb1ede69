using Qfx.Streams.Policy;

namespace Qfx.Tests.Streams.Policy;

/// <summary>Lines that never decide anything.</summary>
public class PolicyLintTests
{
    [Theory]
    [InlineData("qfx.Copy * @anyvm @anyvm ask\nqfx.Copy * work personal deny", "never reached: a.policy:1 decides before it")]
    [InlineData("qfx.Copy * work personal deny\nqfx.Copy * work personal deny", "never reached: a.policy:1 decides before it")]
    [InlineData("* * @anyvm @anyvm deny\nqfx.Copy * @tag:work personal allow", "never reached: a.policy:1 decides before it")]
    [InlineData("* * * * deny\nqfx.Reply * @anyvm @anyvm allow", "never reached: a.policy:1 decides before it")]
    [InlineData("qfx.Copy * a @default deny\nqfx.Copy * a @type:AppVM deny\nqfx.Copy * a @default ask", "never reached: a.policy:1 decides before it")]
    [InlineData("qfx.Copy * * a deny\nqfx.Copy * dom0 @anyvm deny\nqfx.Copy * @anyvm @anyvm deny\nqfx.Copy * * @anyvm ask", "never reached: a.policy:3, a.policy:2 decide before it")]
    [InlineData("qfx.Copy +zip a b allow", "no request has an argument")]
    [InlineData("qfx.Copy * a @dispvm allow", "no request for qfx.Copy is aimed at @dispvm")]
    [InlineData("qfx.OpenInDvm * a b allow", "no request for qfx.OpenInDvm is aimed at b")]
    [InlineData("qfx.Reply * a @default deny", "no request for qfx.Reply is aimed at @default")]
    [InlineData("qfx.Copy * a b ask user=root", "user= means nothing here")]
    [InlineData("qfx.Copy * a b ask target=b default_target=c", "default_target= means nothing beside target=")]
    public void Is_remarked_upon_with_the_line_that_decides_before_it(string lines, string remark)
    {
        var remarks = PolicyLint.Check(Parse(lines));

        Assert.Contains(remark, Assert.Single(remarks).What, StringComparison.Ordinal);
        Assert.Equal($"a.policy:{lines.Split('\n').Length}", remarks[0].Place);
    }

    [Theory]
    [InlineData("qfx.Copy * work personal deny\nqfx.Copy * @anyvm @anyvm ask")]
    [InlineData("qfx.Copy * @tag:a @tag:b deny\nqfx.Copy * @tag:b @tag:a allow\nqfx.Copy * work @tag:b ask")]
    [InlineData("qfx.Copy * a b deny\n* * a b deny")]
    [InlineData("qfx.Copy * @type:AppVM @anyvm deny\nqfx.Copy * @anyvm @anyvm ask")]
    [InlineData("qfx.OpenInDvm * @anyvm @dispvm:tpl allow\nqfx.OpenInDvm * @anyvm @dispvm:@tag:t ask\nqfx.OpenInDvm * @anyvm @dispvm deny")]
    public void Lines_that_are_reached_are_left_alone(string lines) => Assert.Empty(PolicyLint.Check(Parse(lines)));

    private static Qfx.Streams.Policy.Policy Parse(string lines)
    {
        var (policy, problems) = PolicyParser.Parse([new("a.policy", lines)]);
        Assert.Empty(problems);
        return policy!;
    }
}
