using System.CommandLine;
using Qfx.Daemon.Ask;
using Qfx.Daemon.ByHand;
using Qfx.Daemon.Demo;
using Qfx.Daemon.Simulate;

namespace Qfx.Daemon.Cli;

/// <summary>Everything that <c>qfilexchgd</c> can be told to do.</summary>
internal static class Commands
{
    public static RootCommand All()
    {
        var root = new RootCommand("Moves files between Xen VMs that must not trust each other.")
        {
            RunCommand.Create(),
            PolicyCommand.Create(),
            ConfigCommand.Create(),
            DoctorCommand.Create(),
            DvmCommand.Create(),
            SimulateCommand.Create(),
            DemoCommand.Create(),
            UpCommand.Create(),
            VmCommand.Create(),
        };
        root.SetAction((_, cancel) => EnsureRunning.RunAsync(cancel));
        foreach (var command in AskCommands.Create()) root.Add(command);
        root.Add(ManualCommand.Create(root));
        return root;
    }
}
