using Qfx.Guest.Copying;
using Qfx.Guest.Host;
using Qfx.Guest.Progress;

namespace Qfx.Guest.Pendrive;

/// <summary>What is on a pendrive with a file system, put there and taken from it.</summary>
internal interface IPendrive
{
    /// <summary>Copies what was planned onto a pendrive; when it ends, all is on the device and nothing holds it.</summary>
    /// <param name="device">A blank pendrive.</param>
    /// <param name="plan">Made for a vfat volume.</param>
    /// <param name="meter">Counts the bytes of the contents.</param>
    /// <param name="cancel">Ends it; the device is let go of.</param>
    /// <exception cref="GuestException">It did not work; the device is let go of.</exception>
    Task PutAsync(string device, Plan plan, Meter meter, CancellationToken cancel);

    /// <summary>Gives what is on a pendrive to the person; ends when nothing holds the device any more.</summary>
    /// <param name="device">A pendrive from another VM: nothing on it is to be trusted.</param>
    /// <param name="sender">Whose it was; a legal name.</param>
    /// <param name="owner">Whose the files are to be; null for whoever runs this.</param>
    /// <param name="shown">Called when the person can get at it.</param>
    /// <param name="cancel">Ends it; the device is let go of.</param>
    /// <returns>Where it is, and whether it is known to be all there; null where only the person knows.</returns>
    /// <exception cref="GuestException">It did not work; the device is let go of.</exception>
    Task<(string Where, bool? Whole)> TakeAsync(string device, string sender, GuestUser? owner, Func<string, Task> shown, CancellationToken cancel);
}
