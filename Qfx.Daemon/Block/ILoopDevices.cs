using System.Reactive;
using Qfx.Xen.Block;

namespace Qfx.Daemon.Block;

/// <summary>A loop device that was bound to an image when it was seen.</summary>
/// <param name="Number">Of <c>/dev/loopN</c>: the kernel gives it to the next one as soon as it is free.</param>
/// <param name="Major">Of the device.</param>
/// <param name="Minor">Of the device.</param>
internal readonly record struct LoopDevice(int Number, int Major, int Minor)
{
    /// <summary>Such as <c>/dev/loop0</c>.</summary>
    public string Node => $"/dev/loop{Number}";
}

/// <summary>Loop devices over images. A number is never trusted: each deed checks which file the device is over.</summary>
internal interface ILoopDevices
{
    /// <summary>Binds a free device to an image. It stays bound until it is freed, whoever ends.</summary>
    /// <exception cref="BlockDeviceException">None could be bound.</exception>
    LoopDevice Bind(ImageFile image);

    /// <summary>Has the kernel free a device, if it is over this file: at once, or when the last who has it open lets go.</summary>
    /// <returns>False if it is not over this file: nothing was touched.</returns>
    bool Free(LoopDevice device, FileId image);

    /// <summary>The devices that are over this file now.</summary>
    IReadOnlyList<LoopDevice> Over(ImageFile image);

    /// <summary>Cold: a reason to look again, each time that one who could write to the image has closed it.</summary>
    IObservable<Unit> Closings(string file);
}
