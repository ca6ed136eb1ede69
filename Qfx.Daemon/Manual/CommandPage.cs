using System.CommandLine;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Manual;

/// <summary>qfilexchgd(8), written from the commands as they are parsed.</summary>
internal static class CommandPage
{
    public static string Of(Command root)
    {
        var page = new Roff("qfilexchgd", 8, "moves files between Xen VMs that must not trust each other")
            .Section("SYNOPSIS")
            .Paragraph("`qfilexchgd` `COMMAND` [OPTION]…")
            .Section("DESCRIPTION")
            .Paragraph("The daemon in dom0 that hands a virtual pendrive from one VM to another, after asking the person at the screen, and opens risky files in "
                + "disposable VMs; and what looks after it. Under systemd it is qfilexchgd.service. With no argument it makes sure that the one instance runs, and ends.")
            .Section("COMMANDS");
        foreach (var (name, command) in CommandTree.Leaves(root))
        {
            page.Term($"{name} {CommandTree.Synopsis(command)}".TrimEnd(), command.Description ?? "");
            page.Within(words =>
            {
                foreach (var argument in command.Arguments.Where(a => !a.Hidden)) words.Term(argument.Name, argument.Description ?? "");
                foreach (var option in CommandTree.OptionsOf(command)) words.Term(CommandTree.Spellings(option), option.Description ?? "");
            });
        }

        page.Section("EXIT STATUS");
        foreach (var (code, means) in ExitCodes.All) page.Term(code.ToString(System.Globalization.CultureInfo.InvariantCulture), means);
        return page
            .Section("SIGNALS")
            .Term("SIGHUP", "The configuration is read again. What can change while the daemon runs changes; with a fault nothing does. The policy needs no signal.")
            .Term("SIGTERM, SIGINT", "The daemon ends. What is attached stays attached.")
            .Section("FILES")
            .Term(OptionsFile.DefaultPath, "The configuration, and *.conf in qfilexchgd.conf.d beside it: qfilexchgd.conf(5).")
            .Term("/etc/qubes/qfx-policy.d/*.policy", "Who may send to whom. docs/policy.md of the package describes the lines.")
            .Term("/var/lib/qfx/spool", "The images. For the daemon alone.")
            .Section("SEE ALSO")
            .Paragraph("`qfilexchgd.conf`(5), `journalctl`(1): `journalctl -x -u qfilexchgd` explains each message; `journalctl QFX_VM=NAME` is what a VM did.")
            .ToString();
    }
}
