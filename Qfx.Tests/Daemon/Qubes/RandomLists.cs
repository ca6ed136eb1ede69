using System.Globalization;
using System.Text;
using CsCheck;

namespace Qfx.Tests.Daemon.Qubes;

/// <summary>Lists of VMs as any tool could have written them: blanks, comments, quotes and elements of every kind.</summary>
internal static class RandomLists
{
    private static readonly Gen<string> Blanks = One("", "\n", "\n  ", "\r\n\t", " ");
    private static readonly Gen<string> Prolog = One(
        "", "<?xml version='1.0' encoding='UTF-8'?>\n", "<?xml version=\"1.0\" encoding=\"us-ascii\"?>", "\uFEFF<?xml version='1.0'?>\n<!-- > < & \" -->\n<?qubes a='>'?>");

    private static readonly Gen<string> Between = One(
        "", "\n", "\n  ", "<!-- <QubesAppVm qid=\"1\" name='x'/> -->", "<![CDATA[ <a> ]]]>", "<?pi <b/> ?>", "text &amp; more > than", "\n<!---->\n");

    private static readonly Gen<string> Kinds = One("QubesAppVm", "QubesTemplateVm", "QubesNetVm", "QubesProxyVm", "QubesDisposableVm", "QubesHVm", "x:Unknown-1.é");

    private static readonly Gen<string> Value = One("True", "none", "None", "/var/lib/qubes/appvms/a b", "a&gt;b", "a>b", "it's", "&#233;é", "");

    private static readonly Gen<string> Inside = One("", " ", "<a/>", "<a><QubesAppVm qid='77' name='inner'></QubesAppVm></a>", "<!--/QubesAppVm>-->");

    private static readonly Gen<string> Vm = Gen.Select(Kinds, Gen.Int[0, 40], Gen.Int[0, 12], Value, Inside, One(" ", "\n   "), Gen.Bool).Select(
        (kind, qid, name, value, inside, space, single) =>
        {
            var q = single && !value.Contains('\'', StringComparison.Ordinal) ? '\'' : '"';
            var number = qid switch { 0 => "", 1 => $"{space}qid={q}None{q}", 2 => $"{space}qid={q} +7 {q}", _ => $"{space}qid={q}{qid}{q}" };
            var bears = name switch { 0 => "", > 8 => $"{space}name={q}disp{name - 8}{q}", _ => $"{space}name={q}vm{name}{q}" };
            var open = string.Create(CultureInfo.InvariantCulture, $"<{kind}{number}{bears}{space}other={q}{value}{q}{space}template_qid={q}{(qid % 3 == 0 ? "none" : "1")}{q}");
            return inside.Length == 0 && single ? open + "/>" : $"{open}>{inside}</{kind}\n>";
        });

    /// <summary>A list that has a VM called saved with a template, and whatever else.</summary>
    public static Gen<byte[]> Text { get; } = Gen.Select(Prolog, Blanks, Gen.Select(Between, Vm).Array[0, 8], Gen.Int[0, 8], Between, Gen.Bool).Select(
        (prolog, blanks, vms, at, last, trailing) =>
        {
            var text = new StringBuilder(prolog).Append("<QubesVmCollection xmlns:x='urn:x' default_template=\"41\" default_netvm='None' note='>'>");
            for (var i = 0; i <= vms.Length; i++)
            {
                if (i == Math.Min(at, vms.Length))
                    text.Append(blanks).Append("<QubesTemplateVm name=\"tpl\" qid=\"41\" />").Append(blanks).Append("<QubesAppVm qid='42' name='saved' template_qid='41' label='green'/>");
                if (i < vms.Length) text.Append(vms[i].Item1).Append(vms[i].Item2);
            }

            if (prolog.Contains("ascii", StringComparison.Ordinal)) text.Replace('é', 'e');
            return Encoding.UTF8.GetBytes(text.Append(last).Append("</QubesVmCollection>").Append(trailing ? "\n<!-- end -->\n" : "").ToString());
        });

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
