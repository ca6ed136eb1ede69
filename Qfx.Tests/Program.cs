using Qfx.Tests;
using Qfx.Tests.Support.Roles;

// The test runner; or, started by a test with --role, what that test wants a process of its own for.
return args switch
{
    ["--role", var role, .. var rest] => await Role.PlayAsync(role, rest),
    _ when args.Any(arg => arg is "-automated" or "@@") => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    _ => await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
