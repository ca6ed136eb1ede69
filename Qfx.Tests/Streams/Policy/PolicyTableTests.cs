using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Policy;

namespace Qfx.Tests.Streams.Policy;

/// <summary>
/// What lines come to. The cases are those that Qubes' documents tell of (qubes-core-qrexec doc/multifile-policy and
/// doc/qrexec-policy; qubes-doc, "RPC policies"), written for our services, and what is different here.
/// </summary>
public class PolicyTableTests
{
    /// <summary>work and bank are tagged work; mail is tagged mail and makes its disposables of dvm-mail, which is tagged safe; tpl is a TemplateVM.</summary>
    private static readonly ImmutableDictionary<VmName, VmFacts> Vms = new Dictionary<VmName, VmFacts>
    {
        [VmName.Parse("work")] = new() { Tags = ["work"] },
        [VmName.Parse("bank")] = new() { Tags = ["work"] },
        [VmName.Parse("mail")] = new() { Tags = ["mail"], DispvmTemplate = VmName.Parse("dvm-mail") },
        [VmName.Parse("dvm-mail")] = new() { Tags = ["safe"] },
        [VmName.Parse("tpl")] = new() { Type = "TemplateVM" },
    }.ToImmutableDictionary();

    private const string WorkAmongThemselves = """
        qfx.Copy * @tag:work @default ask
        qfx.Copy * @tag:work @tag:work allow
        qfx.Copy * @tag:work @anyvm deny
        qfx.Copy * @anyvm @tag:work deny
        qfx.Copy * @anyvm @anyvm ask
        """;

    [Theory]

    // The columns, one by one.
    [InlineData("qfx.Copy * work personal allow", "Copy work personal", "allow 1")]
    [InlineData("qfx.Copy * work personal ask", "Copy work personal", "ask 1")]
    [InlineData("qfx.Copy * work personal deny", "Copy work personal", "deny 1")]
    [InlineData("qfx.Copy * work personal allow", "Copy personal work", "deny -")]
    [InlineData("qfx.Copy * work personal allow", "Copy work third", "deny -")]
    [InlineData("qfx.Copy * work personal allow", "Reply work personal", "deny -")]
    [InlineData("* * work personal allow", "Copy work personal", "allow 1")]
    [InlineData("* * work personal allow", "Reply work personal", "allow 1")]
    [InlineData("qfx.Copy + work personal allow", "Copy work personal", "allow 1")]
    [InlineData("qfx.Copy +zip work personal allow", "Copy work personal", "deny -")]
    [InlineData("qfx.Copy  \t * \t work   personal\tallow  ", "Copy work personal", "allow 1")]
    [InlineData("\n  # a comment\n\nqfx.Copy * work personal allow", "Copy work personal", "allow 4")]
    [InlineData("qfx.Copy * WORK personal allow", "Copy work personal", "deny -")]
    [InlineData("", "Copy work personal", "deny -")]

    // The first line that fits.
    [InlineData("qfx.Copy * work personal deny\nqfx.Copy * work personal allow", "Copy work personal", "deny 1")]
    [InlineData("qfx.Copy * work third deny\nqfx.Copy * work personal allow", "Copy work personal", "allow 2")]
    [InlineData("qfx.Copy * @anyvm @anyvm ask\nqfx.Copy * work personal deny", "Copy work personal", "ask 1")]
    [InlineData("* * work @anyvm deny\nqfx.Copy * work personal allow", "Copy work personal", "deny 1")]

    // @anyvm, * and dom0.
    [InlineData("qfx.Copy * @anyvm personal allow", "Copy third personal", "allow 1")]
    [InlineData("qfx.Copy * work @anyvm allow", "Copy work third", "allow 1")]
    [InlineData("qfx.Copy * * * ask", "Copy work personal", "ask 1")]
    [InlineData("qfx.Copy * @anyvm @anyvm ask", "Copy work dom0", "deny -")]
    [InlineData("qfx.Copy * @anyvm * ask", "Copy work dom0", "deny 1")]
    [InlineData("qfx.Copy * @anyvm @adminvm ask", "Copy work dom0", "deny 1")]
    [InlineData("qfx.Copy * @anyvm dom0 allow", "Copy work dom0", "deny 1")]
    [InlineData("qfx.Copy * @anyvm @adminvm allow", "Copy work personal", "deny -")]
    [InlineData("qfx.Copy * dom0 @anyvm allow", "Copy dom0 work", "deny 1")]
    [InlineData("qfx.Copy * * @anyvm allow", "Copy dom0 work", "deny 1")]
    [InlineData("qfx.Copy * @anyvm @anyvm allow", "Copy dom0 work", "deny -")]

    // Tags and types.
    [InlineData("qfx.Copy * @tag:work personal allow", "Copy work personal", "allow 1")]
    [InlineData("qfx.Copy * @tag:work personal allow", "Copy third personal", "deny -")]
    [InlineData("qfx.Copy * personal @tag:work ask", "Copy personal bank", "ask 1")]
    [InlineData("qfx.Copy * @tag:wor personal allow", "Copy work personal", "deny -")]
    [InlineData("qfx.Copy * @type:AppVM personal allow", "Copy third personal", "allow 1")]
    [InlineData("qfx.Copy * @type:TemplateVM personal allow", "Copy tpl personal", "allow 1")]
    [InlineData("qfx.Copy * @type:TemplateVM personal allow", "Copy work personal", "deny -")]
    [InlineData("qfx.Copy * @type:DispVM personal ask", "Copy disp7! personal", "ask 1")]
    [InlineData("qfx.Copy * work @type:DispVM deny\nqfx.Copy * @anyvm @anyvm ask", "Copy work disp7!", "deny 1")]
    [InlineData(WorkAmongThemselves, "Copy work bank", "allow 2")]
    [InlineData(WorkAmongThemselves, "Copy work personal", "deny 3")]
    [InlineData(WorkAmongThemselves, "Copy personal bank", "deny 4")]
    [InlineData(WorkAmongThemselves, "Copy personal third", "ask 5")]
    [InlineData(WorkAmongThemselves, "Copy work -", "ask 1 @default")]
    [InlineData(WorkAmongThemselves, "Copy personal -", "ask 5 @default")]

    // No target named.
    [InlineData("qfx.Copy * work personal allow", "Copy work -", "deny -")]
    [InlineData("qfx.Copy * work @default ask", "Copy work -", "ask 1 @default")]
    [InlineData("qfx.Copy * work @default ask", "Copy work personal", "deny -")]
    [InlineData("qfx.Copy * work @default allow target=personal", "Copy work -", "allow 1 personal")]
    [InlineData("qfx.Copy * work @default ask target=personal", "Copy work -", "ask 1 personal")]
    [InlineData("qfx.Copy * work @anyvm allow", "Copy work -", "deny 1")]
    [InlineData("qfx.Copy * work @default ask default_target=personal", "Copy work -", "ask 1 @default")]

    // Sent elsewhere.
    [InlineData("qfx.Copy * work @anyvm allow target=personal", "Copy work third", "allow 1 personal")]
    [InlineData("qfx.Copy * work @anyvm ask target=personal", "Copy work third", "ask 1 personal")]
    [InlineData("qfx.Copy * work @anyvm allow target=@dispvm", "Copy work third", "deny 1")]
    [InlineData("qfx.OpenInDvm * work @dispvm allow target=personal", "OpenInDvm work @dispvm", "deny 1")]
    [InlineData("qfx.OpenInDvm * work @dispvm allow target=@dispvm", "OpenInDvm work @dispvm", "allow 1")]

    // Disposable VMs.
    [InlineData("qfx.OpenInDvm * work @dispvm allow", "OpenInDvm work @dispvm", "allow 1")]
    [InlineData("qfx.OpenInDvm * work @anyvm allow", "OpenInDvm work @dispvm", "allow 1")]
    [InlineData("qfx.OpenInDvm * work * ask", "OpenInDvm work @dispvm", "ask 1")]
    [InlineData("qfx.OpenInDvm * work @dispvm allow", "ViewInDvm work @dispvm", "deny -")]
    [InlineData("qfx.ViewInDvm * @tag:mail @dispvm allow", "ViewInDvm mail @dispvm", "allow 1")]
    [InlineData("qfx.OpenInDvm * mail @dispvm:dvm-mail allow", "OpenInDvm mail @dispvm", "allow 1")]
    [InlineData("qfx.OpenInDvm * @anyvm @dispvm:dvm-mail allow", "OpenInDvm work @dispvm", "deny -")]
    [InlineData("qfx.OpenInDvm * @anyvm @dispvm:@tag:safe allow", "OpenInDvm mail @dispvm", "allow 1")]
    [InlineData("qfx.OpenInDvm * @anyvm @dispvm:@tag:other allow", "OpenInDvm mail @dispvm", "deny -")]
    [InlineData("qfx.OpenInDvm * work @dispvm allow autostart=no", "OpenInDvm work @dispvm", "deny 1")]
    [InlineData("qfx.Copy * work personal allow autostart=no", "Copy work personal", "allow 1")]
    [InlineData("qfx.Copy * @anyvm @dispvm allow", "Copy work personal", "deny -")]

    // Replies are denied or not, never sent elsewhere.
    [InlineData("qfx.Reply * @type:DispVM @anyvm allow", "Reply disp7! work", "allow 1")]
    [InlineData("qfx.Reply * @anyvm bank deny\nqfx.Reply * @anyvm @anyvm allow", "Reply disp7! bank", "deny 1")]
    [InlineData("qfx.Reply * @anyvm @anyvm allow target=personal", "Reply disp7! work", "deny 1")]
    [InlineData("qfx.Reply * @anyvm @anyvm allow target=work", "Reply disp7! work", "allow 1")]
    public void A_request_is_decided_by_the_first_line_that_fits(string lines, string request, string expected)
    {
        var (policy, problems) = PolicyParser.Parse([new("a.policy", lines)]);
        Assert.Empty(problems);
        var words = request.Split(' ');
        var decision = (policy! with { Vms = Vms }).Decide(
            PolicyServices.All.Single(s => s.Word() == "qfx." + words[0]), Target(words[1]), Target(words[2]));

        var said = expected.Split(' ');
        Assert.Equal(
            (said[0], said[1] == "-" ? "-" : $"a.policy:{said[1]}"),
            (decision.Verdict.ToString().ToLowerInvariant(), decision.Place));
        if (decision.Verdict != PolicyVerdict.Deny)
            Assert.Equal(said.Length > 2 ? said[2] : words[2].TrimEnd('!'), decision.Target.ToString());
    }

    private static PolicyTarget Target(string word) => word switch
    {
        "dom0" => PolicyTarget.Dom0,
        "-" => PolicyTarget.None,
        "@dispvm" => PolicyTarget.NewDispvm,
        [.. var name, '!'] => new PolicyTarget.Vm(new(VmName.Parse(name), Disposable: true)),
        _ => PolicyTarget.Of(VmName.Parse(word)),
    };
}
