using System.CommandLine;
using Qfx.Daemon.ByHand;
using Qfx.Daemon.Cli;
using Qfx.Daemon.Demo;
using Qfx.Daemon.Simulate;

return await new RootCommand("Moves files between Xen VMs that must not trust each other.")
{
    RunCommand.Create(),
    PolicyCommand.Create(),
    DemoCommand.Create(),
    UpCommand.Create(),
    VmCommand.Create(),
    DvmCommand.Create(),
    SimulateCommand.Create(),
}.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null })    // @dispvm is a word, not a file
    .InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });    // what was begun is undone first, such as a restore
