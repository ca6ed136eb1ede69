using CsCheck;
using Qfx.Streams.Policy;

namespace Qfx.Tests.Streams.Policy;

/// <summary>What is read, and what is said of what cannot be.</summary>
public class PolicyParserTests
{
    [Theory]
    [InlineData("qfx.Copy * work personal", "a service, an argument, a source, a target and an action")]
    [InlineData("qfx.Copi * work personal deny", "is no service")]
    [InlineData("qubes.Filecopy * work personal deny", "is no service")]
    [InlineData("qfx.Copy zip work personal deny", "is neither * nor +")]
    [InlineData("* + work personal deny", "the argument of the service * is *")]
    [InlineData("qfx.Copy * work personal refuse", "is no action")]
    [InlineData("qfx.Copy * work personal ALLOW", "is no action")]
    [InlineData("qfx.Copy * <b> personal deny", "no VM that takes part")]
    [InlineData("qfx.Copy * disposable personal deny", "no VM that takes part")]
    [InlineData("qfx.Copy * $anyvm personal deny", "write @ instead of $")]
    [InlineData("qfx.Copy * @anyone personal deny", "is no word for VMs")]
    [InlineData("qfx.Copy * @default personal deny", "cannot be a source")]
    [InlineData("qfx.Copy * @dispvm personal deny", "cannot be a source")]
    [InlineData("qfx.Copy * @tag: personal deny", "does not end with a tag")]
    [InlineData("qfx.Copy * work @dispvm: deny", "no VM that takes part")]
    [InlineData("qfx.Copy * work @default allow", "needs a target=")]
    [InlineData("qfx.Copy * work personal allow target=dom0", "never a party")]
    [InlineData("qfx.Copy * work personal allow target=@adminvm", "never a party")]
    [InlineData("qfx.Copy * work personal allow target=@anyvm", "is a name or @dispvm")]
    [InlineData("qfx.Copy * work personal allow default_target=third", "has no parameter")]
    [InlineData("qfx.Copy * work personal deny target=third", "has no parameter")]
    [InlineData("qfx.Copy * work personal deny autostart=no", "has no parameter")]
    [InlineData("qfx.Copy * work personal ask colour=red", "has no parameter")]
    [InlineData("qfx.Copy * work personal ask notify", "is no parameter")]
    [InlineData("qfx.Copy * work personal ask notify=maybe", "is yes or no")]
    [InlineData("qfx.Copy * work personal ask notify=no notify=no", "given twice")]
    [InlineData("qfx.Copy * work personal ask,notify=no", "is no action")]
    [InlineData("qfx.Copy * work personal ask # because", "is no parameter")]
    [InlineData("!include other", "is not supported")]
    [InlineData("qfx.Copy * work personal ask\u0007", "control character")]
    public void A_wrong_line_makes_the_policy_unusable_and_is_named(string line, string what)
    {
        var (policy, problems) = PolicyParser.Parse([new("10-a.policy", "# first\n" + line)]);

        Assert.Null(policy);
        var problem = Assert.Single(problems);
        Assert.Equal("10-a.policy:2", problem.Place);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_line_is_told_at_once() => Assert.Equal(
        ["a.policy:1", "a.policy:3", "b.policy:1"],
        PolicyParser.Parse([new("b.policy", "y"), new("a.policy", "x\n#\nz")]).Problems.Select(p => p.Place));

    [Fact]
    public void Files_are_taken_in_the_order_of_their_names_byte_by_byte_and_others_are_passed_over()
    {
        var (policy, problems) = PolicyParser.Parse(
        [
            new("9.policy", "qfx.Copy * a b deny"), new("10.policy", "qfx.Copy * a b ask"), new("10_x.policy", "qfx.Copy * a b allow"),
            new("10-x.policy", "qfx.Copy * a b allow"), new(".hidden.policy", "?"), new("README", "?"), new("10.policy~", "?"), new("x.policy.rpmsave", "?"),
        ]);

        Assert.Empty(problems);
        Assert.Equal(["10-x.policy:1", "10.policy:1", "10_x.policy:1", "9.policy:1"], policy!.Rules.Select(r => r.Place));
    }

    [Fact]
    public void A_file_whose_name_sorts_differently_elsewhere_is_a_mistake_not_passed_over() =>
        Assert.Contains("small letters", Assert.Single(PolicyParser.Parse([new("10-Work.policy", "")]).Problems).What, StringComparison.Ordinal);

    [Fact]
    public void More_than_a_mebi_of_letters_is_too_much() =>
        Assert.Null(PolicyParser.Parse([new("a.policy", new string('\n', PolicyParser.MaxText + 1))]).Policy);

    [Fact]
    public void A_deny_is_told_unless_it_says_no_the_others_only_if_they_say_yes()
    {
        var (policy, _) = PolicyParser.Parse([new("a.policy", """
            qfx.Copy * a b deny
            qfx.Copy * a b deny notify=no
            qfx.Copy * a b allow
            qfx.Copy * a b ask notify=yes
            """)]);

        Assert.Equal([true, false, false, true], policy!.Rules.Select(r => r.Notify));
    }

    [Fact]
    public void Nothing_of_a_wrong_line_is_shown_raw()
    {
        var (_, problems) = PolicyParser.Parse([new("a.policy", "\u202Eevil\u001b[31m * a b deny"), new("\u001b.policy", "")]);

        Assert.Equal(2, problems.Length);
        Assert.All(problems.Select(p => p.ToString()), text => Assert.All(text, c => Assert.InRange(c, ' ', '~')));
    }

    [Fact]
    public void No_text_makes_the_parser_stumble()
    {
        var word = One(
            "qfx.Copy", "qfx.Reply", "*", "+", "@anyvm", "@tag:", "@tag:x", "@dispvm", "@dispvm:@tag:", "@default", "dom0", "work", "allow", "ask",
            "deny", "target=", "target=work", "notify=no", "=", "#", "!", "$", "\0", "\u202e", "é", "\ud800");
        var line = Gen.OneOf(word.Array[0, 9].Select(words => string.Join(' ', words)), Gen.String[0, 40]);
        line.Array[0, 6].Sample(
            lines =>
            {
                var (policy, problems) = PolicyParser.Parse([new("a.policy", string.Join('\n', lines))]);
                Assert.Equal(policy is null, problems.Length > 0);
                Assert.All(problems, p => Assert.All(p.ToString(), c => Assert.InRange(c, ' ', '~')));
            },
            iter: 20_000);
    }

    private static Gen<string> One(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);
}
