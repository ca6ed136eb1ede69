using System.CommandLine;
using Qfx.Daemon.Ask;
using Qfx.Daemon.Cli;

var parsed = Commands.All().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });    // @dispvm is a word, not a file
try
{
    var exit = await parsed.InvokeAsync(new()
    {
        ProcessTerminationTimeout = TimeSpan.FromMinutes(1),    // what was begun is undone first, such as a restore
        EnableDefaultExceptionHandler = false,
    });
    return parsed.Errors.Count > 0 ? ExitCode.Usage : exit;
}
catch (Exception e)
{
    Console.Error.WriteLine($"qfilexchgd: {e.Message}");
    if (e is not (IOException or UnauthorizedAccessException)) Console.Error.WriteLine($"qfilexchgd: this was not foreseen, please report it: {e.GetType()}{Environment.NewLine}{e.StackTrace}");
    return ExitCode.Failed;
}
