using Qfx.Daemon.Disposables;
using Qfx.Daemon.Qubes;

namespace Qfx.Daemon.Demo;

/// <summary>The list of VMs of a host that is played: a collection as Qubes has it, changed by what changes a real one.</summary>
internal sealed class DemoDatabase
{
    private readonly string path;

    /// <param name="root">The folder that it lies in.</param>
    public DemoDatabase(string root)
    {
        path = Path.Combine(root, "qubes.xml");
        File.WriteAllText(path, """
            <QubesVmCollection default_template="1">
              <QubesTemplateVm qid="1" name="template" template_qid="none" label="gray" />
              <QubesAppVm qid="2" name="dvm" template_qid="1" label="red" />
              <QubesAppVm qid="3" name="work" template_qid="1" label="green" />
              <QubesAppVm qid="4" name="personal" template_qid="1" label="yellow" />
            </QubesVmCollection>

            """);
        Vms = new QubesDatabase(path);
    }

    public IVmDatabase Vms { get; }

    /// <summary>Disposable VMs that are in it.</summary>
    public int Disposables => QubesVmList.Parse(File.ReadAllBytes(path)).Vms.Count(vm => vm.Element == QubesVm.Disposable);
}
