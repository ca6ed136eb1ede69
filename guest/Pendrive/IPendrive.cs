namespace Qfx.Guest.Pendrive;

/// <summary>What is on a pendrive, put there and taken from it.</summary>
internal interface IPendrive
{
    /// <summary>Copies files and folders onto a pendrive; when it ends, they are on the device and nothing holds it.</summary>
    /// <param name="device">A blank pendrive.</param>
    /// <param name="files">Absolute paths, with different last parts.</param>
    /// <param name="cancel">Ends it; the device is let go of.</param>
    /// <exception cref="GuestException">It did not work; the device is let go of.</exception>
    Task PutAsync(string device, IReadOnlyList<string> files, CancellationToken cancel);

    /// <summary>Gives what is on a pendrive to the person; ends when nothing holds the device any more.</summary>
    /// <param name="device">A pendrive from another VM: nothing on it is to be trusted.</param>
    /// <param name="sender">Whose it was; a legal name.</param>
    /// <param name="cancel">Ends it; the device is let go of.</param>
    /// <returns>Where it is, and whether it is known to be all there; null where only the person knows.</returns>
    /// <exception cref="GuestException">It did not work; the device is let go of.</exception>
    Task<(string Where, bool? Whole)> TakeAsync(string device, string sender, CancellationToken cancel);
}
