using System.CommandLine;
using Qfx.Daemon.Cli;

return await Commands.All().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null })    // @dispvm is a word, not a file
    .InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });    // what was begun is undone first, such as a restore
