using System.Globalization;
using System.Text;
using System.Text.Unicode;
using System.Xml;
using Qfx.Daemon.Disposables;

namespace Qfx.Daemon.Qubes;

/// <summary>The list of VMs as its file has it. A change is a change of the text: every byte that it is not about stays.</summary>
internal sealed class QubesVmList
{
    private const string Root = "QubesVmCollection";

    /// <summary>One more than the greatest that the Python tools of 2010 give out.</summary>
    private const int MaxQid = 254 * 254;

    private const int MaxCharacters = 16 * 1024 * 1024;

    private readonly XmlLayout layout;

    private QubesVmList(byte[] text, XmlLayout layout, IReadOnlyList<QubesVm> vms)
    {
        Text = text;
        this.layout = layout;
        Vms = vms;
    }

    public byte[] Text { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<QubesVm> Vms { get; }

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="VmDatabaseException">It is no such list, or one that cannot be changed byte by byte.</exception>
    public static QubesVmList Parse(byte[] text)
    {
        try
        {
            // A NUL is never part of XML.
            if (text.AsSpan().Contains((byte)0) || !Utf8.IsValid(text)) RequireUtf8("another one");
            var vms = new List<QubesVm>();
            using var reader = XmlReader.Create(new MemoryStream(text), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxCharacters });
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.XmlDeclaration) RequireUtf8(reader.GetAttribute("encoding"));
                if (reader.NodeType != XmlNodeType.Element) continue;
                if (reader.Depth == 0 && reader.Name != Root) throw new VmDatabaseException($"its root element is not {Root}");
                if (reader.Depth == 1) vms.Add(QubesVm.Of(reader.Name, reader.GetAttribute));
            }

            var layout = XmlLayout.Of(text);
            return layout.Children.Count == vms.Count
                ? new(text, layout, vms)
                : throw new VmDatabaseException($"it has {vms.Count} elements, but {layout.Children.Count} are found in its text");
        }
        catch (Exception e) when (e is XmlException or ArgumentException)    // the reader's own, where a declaration is broken
        {
            throw new VmDatabaseException($"it is no XML: {e.Message}", e);
        }
    }

    /// <summary>The VM of a name; null where there is none.</summary>
    /// <exception cref="VmDatabaseException">Two have it.</exception>
    public QubesVm? Find(string name) => Vms.Where(vm => vm.Name == name).Take(2).ToArray() switch
    {
        [] => null,
        [var one] => one,
        _ => throw new VmDatabaseException($"two VMs are called {name}"),
    };

    /// <summary>The text with one more disposable VM: it gets the lowest number that is free.</summary>
    /// <exception cref="VmDatabaseException">The name is taken, or the template is not there: the Python tools would then read nothing at all.</exception>
    public byte[] With(string name, string savedFrom, string label)
    {
        // The Python tools add a VM called dom0, numbered 0, that is not in the file.
        if (name == "dom0" || Vms.Any(vm => vm.Name == name)) throw new VmDatabaseException($"there is a VM called {name} already");
        if (Find(savedFrom) is not { } saved) throw new VmDatabaseException($"{savedFrom}, which the savefile was taken of, is not there");
        if (Vms.All(vm => vm.Element != QubesVm.Template || vm.Qid is null || vm.Qid != saved.TemplateQid))
            throw new VmDatabaseException($"{savedFrom}, which the savefile was taken of, has no template");
        var used = Vms.Select(vm => vm.Qid).ToHashSet();
        var qid = Enumerable.Range(1, MaxQid - 1).FirstOrDefault(qid => !used.Contains(qid));
        if (qid == 0) throw new VmDatabaseException("no number is free");
        var element = string.Create(
            CultureInfo.InvariantCulture, $"<{QubesVm.Disposable} qid=\"{qid}\" name=\"{name}\" template_qid=\"{saved.TemplateQid}\" label=\"{label}\" />");
        var after = Vms.Append(new(QubesVm.Disposable, qid, name, saved.TemplateQid, label));
        return Checked(Insert(Encoding.ASCII.GetBytes(element)), after);
    }

    /// <summary>The text without the disposable VM of a name; null where there is none. A VM of another kind stays.</summary>
    public byte[]? Without(string name)
    {
        var index = Vms.TakeWhile(vm => vm.Element != QubesVm.Disposable || vm.Name != name).Count();
        if (index == Vms.Count) return null;
        var child = layout.Children[index];
        var start = BlanksBefore(child.Start.Value);
        return Checked([.. Text.AsSpan(0, start), .. Text.AsSpan(child.End.Value)], Vms.Where((_, i) => i != index));
    }

    /// <summary>After the last element, set off as that is from what comes before it.</summary>
    private byte[] Insert(byte[] element)
    {
        if (layout.Children is [.., var last])
        {
            var blanks = Text.AsSpan(BlanksBefore(last.Start.Value)..last.Start.Value);
            return [.. Text.AsSpan(0, last.End.Value), .. blanks, .. element, .. Text.AsSpan(last.End.Value)];
        }

        var at = layout.Content.Start.Value;
        if (!layout.SelfClosed) return [.. Text.AsSpan(0, at), .. element, .. Text.AsSpan(at)];
        return [.. Text.AsSpan(0, at - 2), .. ">"u8, .. element, .. Encoding.ASCII.GetBytes($"</{Root}>"), .. Text.AsSpan(at)];
    }

    /// <summary>Where the blanks that lead up to a place begin: only those right after a tag, a comment or the like.</summary>
    private int BlanksBefore(int at)
    {
        var start = at;
        while (start > layout.Content.Start.Value && Text[start - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') start--;
        return Text[start - 1] == (byte)'>' ? start : at;
    }

    /// <summary>Nothing is written that would not be read back as meant.</summary>
    private static byte[] Checked(byte[] text, IEnumerable<QubesVm> vms) => Parse(text).Vms.SequenceEqual(vms)
        ? text
        : throw new VmDatabaseException("the changed text does not read as it should; nothing was written");

    private static void RequireUtf8(string? encoding)
    {
        if (encoding is not null && !encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !encoding.EndsWith("ascii", StringComparison.OrdinalIgnoreCase))
            throw new VmDatabaseException($"its encoding is {encoding}: only UTF-8 and ASCII can be changed in place");
    }
}
