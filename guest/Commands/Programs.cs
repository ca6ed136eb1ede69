using Qfx.Guest.Disposable;

namespace Qfx.Guest.Commands;

/// <summary>One of the programs that this file is.</summary>
/// <param name="Usage">How it is called, for <c>--help</c>.</param>
/// <param name="RunAsync">Runs it.</param>
internal sealed record GuestProgram(string Usage, Func<Call, Task<ExitCode>> RunAsync);

/// <summary>The names that this file is called by.</summary>
internal static class Programs
{
    public static readonly IReadOnlyDictionary<string, GuestProgram> All = new Dictionary<string, GuestProgram>(StringComparer.Ordinal)
    {
        ["qubes_penctl"] = new(PenCtl.Usage, PenCtl.RunAsync),
        ["qvm-copy-to-vm"] = new(CopyToVm.Usage, CopyToVm.RunAsync),
        ["qvm-move-to-vm"] = new(MoveToVm.Usage, MoveToVm.RunAsync),
        ["qubes_add_pendrive_script"] = new(AddPendrive.Usage, AddPendrive.RunAsync),
        ["qvm-open-in-dvm"] = new(OpenInDvm.Usage, OpenInDvm.RunAsync),
        ["qvm-view-in-dvm"] = new(OpenInDvm.ViewUsage, OpenInDvm.ViewAsync),
        ["raw-take"] = new(RawPrograms.TakeUsage, RawPrograms.TakeAsync),
        ["raw-look"] = new(RawPrograms.LookUsage, RawPrograms.LookAsync),
        ["raw-give"] = new(RawPrograms.GiveUsage, RawPrograms.GiveAsync),
        ["raw-return"] = new(RawPrograms.ReturnUsage, RawPrograms.ReturnAsync),
        ["unpack"] = new(Unpack.Usage, Unpack.RunAsync),
        ["door"] = new(OpenDoor.Usage, OpenDoor.RunAsync),
    };
}
