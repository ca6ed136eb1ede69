namespace Qfx.Guest;

/// <summary>Something that the person in front of the VM is told, and how the program ends.</summary>
internal sealed class GuestException(ExitCode exit, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Exit { get; } = exit;
}
