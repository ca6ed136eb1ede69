using System.Text;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Manual;

/// <summary>The settings, as a manual page, as the file that is installed, and as the table of docs/configuration.md.</summary>
internal static class ConfigurationPage
{
    /// <summary>qfilexchgd.conf(5).</summary>
    public static string Page()
    {
        var page = new Roff("qfilexchgd.conf", 5, "settings of qfilexchgd")
            .Section("SYNOPSIS")
            .Paragraph($"`{OptionsFile.DefaultPath}`, `{OptionsFile.DefaultPath}{OptionsFile.DropIns}/*.conf`")
            .Section("DESCRIPTION")
            .Paragraph("Lines of `key = value` in `[sections]`; a line that begins with # or ; is a comment. The files of the folder are read after the file, by "
                + "name, and what a later one sets holds. An empty value is none. Times are a number and s, m, h or d. With a fault the daemon does not start, "
                + "and `qfilexchgd config check` says what it is; `qfilexchgd config show` says which file has set what.")
            .Paragraph("Those that are marked (reload) are taken over on SIGHUP (systemctl reload qfilexchgd); the others hold from the next start.");
        foreach (var section in Sections())
        {
            page.Section($"[{section.Key}]");
            foreach (var setting in section) page.Term($"{setting.Key} = {Value(setting)}", $"{Sentence(setting.Meaning)} ({setting.Form}{Mark(setting)})");
        }

        return page
            .Section("[labels], [tags], [types], [dispvm_templates]")
            .Paragraph("What is known of VMs where there is no Qubes database, a VM a line: `work = red`; several tags between blanks; a type such as AppVM; the VM "
                + "that its disposable VMs are made of. (reload)")
            .Section("SEE ALSO").Paragraph("`qfilexchgd`(8)")
            .ToString();
    }

    /// <summary>The file as it is installed: every setting with its default, commented out.</summary>
    public static string Sample()
    {
        var text = new StringBuilder("# Settings of qfilexchgd: qfilexchgd.conf(5). What is commented out is the default.\n")
            .Append("# Lines in qfilexchgd.conf.d/*.conf beside this file hold before those here.\n");
        foreach (var section in Sections())
        {
            text.Append($"\n[{section.Key}]\n");
            foreach (var setting in section)
            {
                foreach (var line in Wrap($"{Sentence(setting.Meaning)} ({setting.Form}{Mark(setting)})")) text.Append($"# {line}\n");
                text.Append($"#{setting.Key} = {setting.Default}".TrimEnd()).Append('\n');
            }
        }

        return text.Append('\n')
            .Append("# What is known of VMs where there is no Qubes database, a VM a line (reload).\n")
            .Append("[labels]\n#work = red\n\n[tags]\n#work = office secret\n\n[types]\n#work = AppVM\n\n[dispvm_templates]\n#work = dvm\n")
            .ToString();
    }

    /// <summary>The table.</summary>
    public static string Table()
    {
        var text = new StringBuilder("| section, key | default | reload | means |\n|---|---|---|---|\n");
        foreach (var setting in Settings.All)
            text.Append($"| `[{setting.Section}] {setting.Key}` | {setting.Default} | {(setting.Reloads ? "yes" : "")} | {setting.Meaning} ({setting.Form}) |\n");
        return text.Append("| `[labels] NAME`, `[tags] NAME`, `[types] NAME`, `[dispvm_templates] NAME` | | yes | a VM's label, tags (between blanks), "
            + "type (`AppVM`) and the VM that its disposable VMs are made of, where there is no Qubes database |\n").ToString();
    }

    private static IEnumerable<IGrouping<string, Setting>> Sections() => Settings.All.GroupBy(setting => setting.Section);

    private static string Value(Setting setting) => setting.Default.Length > 0 ? setting.Default : "…";

    private static string Mark(Setting setting) => setting.Reloads ? "; reload" : "";

    private static string Sentence(string meaning) => char.ToUpperInvariant(meaning[0]) + meaning[1..] + ".";

    private static IEnumerable<string> Wrap(string words)
    {
        var line = new StringBuilder();
        foreach (var word in words.Replace("`", "", StringComparison.Ordinal).Split(' '))
        {
            if (line.Length + word.Length > 96)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }
}
