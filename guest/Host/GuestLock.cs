namespace Qfx.Guest.Host;

/// <summary>Keeps two of the programs apart: a VM has one pendrive to send, and one status key.</summary>
/// <remarks>Taken at once or not at all: who has it may be waiting for a person. The kernel lets go of it when the program ends, however.</remarks>
internal sealed class GuestLock : IDisposable
{
    private readonly FileStream file;

    private GuestLock(FileStream file) => this.file = file;

    /// <exception cref="GuestException">Another one has it.</exception>
    public static GuestLock Take(string folder)
    {
        var path = Path.Combine(folder, "qfx.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new GuestException(ExitCode.Busy, $"Another transfer is under way in this VM ({path} is taken). Try again when it is over.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new GuestException(ExitCode.Failed, $"{path} cannot be opened: {e.Message}", e);
        }
    }

    public void Dispose() => file.Dispose();
}
