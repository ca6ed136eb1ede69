using Qfx.Daemon.ByHand;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.ByHand;

/// <summary>A folder is made afresh only if it is ours.</summary>
public sealed class PlaygroundTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_an_earlier_up_has_made_is_made_afresh_but_for_the_homes()
    {
        var place = new Playground(folder["up"]);
        place.Open(Guest()).Dispose();
        Directory.CreateDirectory(place.Spool);
        Directory.CreateDirectory(Path.Combine(place.Root, "vms/personal"));
        File.WriteAllText(Path.Combine(place.Spool, "p1.img"), "");
        File.WriteAllText(Path.Combine(place.Root, "vms/personal/letter"), "");

        using var held = place.Open(Guest());

        Assert.False(Directory.Exists(place.Spool));
        Assert.True(File.Exists(Path.Combine(place.Root, "vms/personal/letter")));
        Assert.Throws<IOException>(() => place.Open(Guest()));
    }

    [Fact]
    public void A_folder_with_somebodys_files_is_left_alone()
    {
        Directory.CreateDirectory(folder["home/bin"]);
        File.WriteAllText(folder["home/bin/my-script"], "mine");

        Assert.Contains("no ./qfx up has made", Assert.Throws<IOException>(() => new Playground(folder["home"]).Open(Guest())).Message, StringComparison.Ordinal);

        Assert.Equal("mine", File.ReadAllText(folder["home/bin/my-script"]));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder["home"]));
    }

    [Fact]
    public void What_cannot_go_well_is_said_before_anything_is_made()
    {
        Assert.Contains("is not there", Assert.Throws<IOException>(() => new Playground(folder["up"]).Open(folder["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("107 bytes", Assert.Throws<IOException>(() => new Playground(folder[new string('x', 100)]).Open(Guest())).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["up"]));
    }

    private string Guest()
    {
        File.WriteAllText(folder["guest"], "");
        return folder["guest"];
    }
}
