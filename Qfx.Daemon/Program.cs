using System.CommandLine;
using Qfx.Daemon.Cli;
using Qfx.Daemon.Demo;

return await new RootCommand("Moves files between Xen VMs that must not trust each other.")
{
    RunCommand.Create(),
    DemoCommand.Create(),
}.Parse(args).InvokeAsync();
