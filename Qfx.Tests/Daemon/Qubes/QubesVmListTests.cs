using System.Text;
using CsCheck;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Qubes;

namespace Qfx.Tests.Daemon.Qubes;

public sealed class QubesVmListTests
{
    /// <summary>As Python's ElementTree writes it: one line.</summary>
    private const string Python = """
        <QubesVmCollection default_fw_netvm="2" default_netvm="None" default_template="1"><QubesTemplateVm conf_file="t.conf" dir_path="/t" installed_by_rpm="True" name="linux-x64" netvm_qid="none" private_img="p" qid="1" root_img="r" updateable="True" uses_default_netvm="True" /><QubesNetVm label="red" name="netvm" netid="1" qid="2" template_qid="1" /><QubesAppVm label="green" name="work" qid="5" template_qid="1" /><QubesAppVm label="black" name="linux-x64-dvm" qid="3" template_qid="1" /></QubesVmCollection>
        """;

    [Fact]
    public void A_new_disposable_VM_gets_the_lowest_free_number_and_the_savefiles_template() => Assert.Equal(
        Python.Replace("</QubesVmCollection>", "<QubesDisposableVm qid=\"4\" name=\"disp1\" template_qid=\"1\" label=\"green\" /></QubesVmCollection>", StringComparison.Ordinal),
        Text(List(Python).With("disp1", "linux-x64-dvm", "green")));

    [Fact]
    public void It_is_set_off_as_the_others_are() => Assert.Equal(
        "<QubesVmCollection>\n  <QubesTemplateVm qid='1'/>\n  <QubesAppVm qid='2' name='s' template_qid='1'/>\n  <QubesDisposableVm qid=\"3\" name=\"disp1\" template_qid=\"1\" label=\"red\" />\n</QubesVmCollection>\n",
        Text(List("<QubesVmCollection>\n  <QubesTemplateVm qid='1'/>\n  <QubesAppVm qid='2' name='s' template_qid='1'/>\n</QubesVmCollection>\n").With("disp1", "s", "red")));

    [Fact]
    public void Any_list_keeps_every_other_byte_when_a_VM_is_added_and_gets_them_all_back_when_it_is_removed() => RandomLists.Text.Sample(text =>
    {
        var list = QubesVmList.Parse(text);
        var with = list.With("new-1", "saved", "blue");
        var added = with.Length - text.Length;
        var at = Enumerable.Range(0, text.Length + 1).First(i => text.AsSpan(0, i).SequenceEqual(with.AsSpan(0, i)) && text.AsSpan(i).SequenceEqual(with.AsSpan(i + added)));
        Assert.Contains("<QubesDisposableVm qid=\"", Encoding.UTF8.GetString(with, at, added), StringComparison.Ordinal);

        var vm = Assert.Single(QubesVmList.Parse(with).Vms, vm => vm.Name == "new-1");
        Assert.Equal(new("QubesDisposableVm", vm.Qid, "new-1", 41, "blue"), vm);
        Assert.Equal(Enumerable.Range(1, 100).First(qid => list.Vms.All(other => other.Qid != qid)), vm.Qid);
        Assert.Equal(text, QubesVmList.Parse(with).Without("new-1"));
    });

    [Fact]
    public void Any_disposable_VM_of_any_list_can_be_removed_and_nothing_else_goes_with_it() => RandomLists.Text.Sample(text =>
    {
        var list = QubesVmList.Parse(text);
        foreach (var name in list.Vms.Select(vm => vm.Name).Where(name => name is not null).Distinct())
        {
            var without = list.Without(name!);
            var gone = list.Vms.ToList().FindIndex(vm => vm.Element == "QubesDisposableVm" && vm.Name == name);
            Assert.Equal(gone < 0, without is null);
            if (without is not null) Assert.Equal(list.Vms.Where((_, i) => i != gone), QubesVmList.Parse(without).Vms);
        }
    });

    [Theory]
    [InlineData("work", "linux-x64-dvm", "there is a VM called work already")]
    [InlineData("dom0", "linux-x64-dvm", "there is a VM called dom0 already")]
    [InlineData("disp1", "nobody", "is not there")]
    [InlineData("disp1", "linux-x64", "has no template")]
    public void What_the_Python_tools_could_not_read_is_not_added(string name, string savedFrom, string why) =>
        Assert.Contains(why, Assert.Throws<VmDatabaseException>(() => List(Python).With(name, savedFrom, "red")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("None")]
    [InlineData("none")]
    [InlineData("")]
    [InlineData("9")]
    public void A_template_that_is_none_or_not_there_is_none(string template) => Assert.Contains("has no template", Assert.Throws<VmDatabaseException>(() =>
        List($"<QubesVmCollection><QubesTemplateVm qid='1'/><QubesAppVm name='s' template_qid='{template}'/></QubesVmCollection>").With("d", "s", "red")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("<QubesVmCollection/>")]
    [InlineData("<QubesVmCollection />\n")]
    [InlineData("<QubesVmCollection>\n</QubesVmCollection>")]
    public void A_list_without_VMs_is_a_list(string text) => Assert.Empty(List(text).Vms);

    [Fact]
    public void Two_VMs_of_one_name_mean_none() => Assert.Contains("two VMs are called a", Assert.Throws<VmDatabaseException>(() =>
        List("<QubesVmCollection><QubesAppVm qid='1' name='a'/><QubesNetVm qid='2' name='a'/></QubesVmCollection>").Find("a")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "no XML")]
    [InlineData("<QubesVmCollection>", "no XML")]
    [InlineData("<QubesVmCollection><QubesAppVm></QubesVmCollection>", "no XML")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]><QubesVmCollection/>", "no XML")]
    [InlineData("<qubes/>", "root element is not QubesVmCollection")]
    [InlineData("<?xml version='1.0' encoding='iso-8859-1'?><QubesVmCollection/>", "encoding")]
    public void What_is_no_such_list_is_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<VmDatabaseException>(() => List(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Sixteen_bit_text_is_refused() =>
        Assert.Throws<VmDatabaseException>(() => QubesVmList.Parse([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("<QubesVmCollection/>")]));

    [Theory]
    [InlineData("red", 1, "red")]
    [InlineData("orange", 2, "orange")]
    [InlineData("yellow", 3, "yellow")]
    [InlineData("green", 4, "0x5fa05e")]
    [InlineData("gray", 5, "gray")]
    [InlineData("blue", 6, "blue")]
    [InlineData("purple", 7, "0xb83374")]
    [InlineData("black", 8, "black")]
    public void Labels_are_those_of_2010(string name, int index, string colour)
    {
        Assert.Equal(new(index, colour, name), QubesLabels.Find(name));
        Assert.Equal(name, QubesLabels.NameOf(new(index, "", "")));
    }

    private static QubesVmList List(string text) => QubesVmList.Parse(Encoding.UTF8.GetBytes(text.Trim(' ')));

    private static string Text(byte[] text) => Encoding.UTF8.GetString(text);
}
