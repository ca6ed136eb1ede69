using System.Globalization;

namespace Qfx.Daemon.Qubes;

/// <summary>One VM of the list: the attributes that matter here, as the Python tools of 2010 read them.</summary>
/// <param name="Element">Its kind: <c>QubesAppVm</c>, <c>QubesTemplateVm</c>, <c>QubesNetVm</c>, <c>QubesProxyVm</c>, <c>QubesDisposableVm</c>, or one of later.</param>
/// <param name="Qid">Its number; null where there is none that can be read.</param>
/// <param name="Name">Its name.</param>
/// <param name="TemplateQid">The VM whose root it has; null for none: missing, <c>None</c> or <c>none</c>.</param>
/// <param name="Label">The name of its label.</param>
internal sealed record QubesVm(string Element, int? Qid, string? Name, int? TemplateQid, string? Label)
{
    public const string Disposable = "QubesDisposableVm";
    public const string Template = "QubesTemplateVm";

    /// <summary>Takes an element's attributes. Both spellings of nothing mean nothing: the root has <c>None</c>, VMs have <c>none</c>.</summary>
    public static QubesVm Of(string element, Func<string, string?> attribute) =>
        new(element, Number(attribute("qid")), Text(attribute("name")), Number(attribute("template_qid")), Text(attribute("label")));

    private static string? Text(string? value) => value is null or "None" or "none" ? null : value;

    /// <summary>What Python's <c>int</c> takes: blanks around and a sign.</summary>
    private static int? Number(string? value) =>
        int.TryParse(Text(value), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
