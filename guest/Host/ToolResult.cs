namespace Qfx.Guest.Host;

/// <summary>How a program of the system ended, and what it printed.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Output">Its standard output, bounded: what it was asked for.</param>
/// <param name="Errors">Its standard error, bounded: why it failed, and what it grumbles about besides.</param>
internal readonly record struct ToolResult(int Exit, string Output, string Errors)
{
    /// <summary>All of it: for a message that says why it failed.</summary>
    public string Said => Output + Errors;

    public void Deconstruct(out int exit, out string output) => (exit, output) = (Exit, Output);
}
