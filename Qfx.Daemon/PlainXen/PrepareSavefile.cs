using Qfx.Streams.Domains;

namespace Qfx.Daemon.PlainXen;

/// <summary><c>qfilexchgd dvm prepare</c>: a running guest becomes the savefile that disposable VMs are made of.</summary>
internal sealed class PrepareSavefile(Xl xl, SavefileFolder folder)
{
    /// <summary>Saves it, which ends it, and puts it to use.</summary>
    /// <param name="name">The guest.</param>
    /// <param name="config">Its xl.cfg: each disposable VM gets one like it.</param>
    /// <param name="cancel">Ends it before the save has begun: a guest that is half saved would be neither a guest nor a savefile.</param>
    /// <exception cref="IOException">It did not work; an earlier savefile stays in use.</exception>
    public async Task RunAsync(VmName name, string config, CancellationToken cancel)
    {
        var text = await File.ReadAllTextAsync(config, cancel).ConfigureAwait(false);
        Check(text, name, config);
        if (await xl.DomidAsync(name.ToString(), cancel).ConfigureAwait(false) is null) throw new IOException($"{name} does not run: start it, and wait until it is as a disposable VM should begin.");
        folder.Create();
        var (save, itsConfig) = (folder.SavefileOf(name.ToString()), folder.ConfigOf(name.ToString()));
        try
        {
            await File.WriteAllTextAsync(itsConfig + ".new", text, cancel).ConfigureAwait(false);    // what can fail comes before what ends the guest
            await xl.SaveAsync(name.ToString(), save + ".new", CancellationToken.None).ConfigureAwait(false);
            File.Move(itsConfig + ".new", itsConfig, overwrite: true);
            File.Move(save + ".new", save, overwrite: true);
        }
        finally
        {
            File.Delete(itsConfig + ".new");
            File.Delete(save + ".new");
        }

        folder.Use(name.ToString(), GuestConfig.MadeOf(text) ?? Path.GetFullPath(config));
    }

    private static void Check(string text, VmName name, string config)
    {
        if (GuestConfig.NameOf(text) != name.ToString()) throw new IOException($"{config} is not the configuration of {name}: its name is {GuestConfig.NameOf(text) ?? "missing"}.");
        if (GuestConfig.WritableDisks(text) is [var disk, ..])
            throw new IOException($"{config} lets {name} write to a disk ({disk}): disposable VMs of one savefile would share it and destroy what is on it. Make it read-only (access=ro), with an overlay in memory in the guest.");
    }
}
