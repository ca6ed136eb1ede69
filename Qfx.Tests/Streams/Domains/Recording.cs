using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Domains;

/// <summary>What watches on a real Xen brought at one point of a domain's life (docs/lab.md), done again to an embedded store.</summary>
/// <remarks>
/// A line is seconds and a path: xenstore-watch on @introduceDomain, @releaseDomain, /local/domain and /vm. The toolstack makes
/// a domain's tree in one transaction; here each step can be seen by itself, which is harder.
/// </remarks>
internal sealed class Recording
{
    private readonly StoreCore core;
    private readonly CoreStore toolstack;
    private readonly HashSet<string> trees = [];
    private readonly HashSet<Domid> introduced = [];
    private Domid last;
    private string lastVm = "";

    /// <param name="core">The store.</param>
    /// <param name="toolstack">dom0's connection to it.</param>
    public Recording(StoreCore core, CoreStore toolstack)
    {
        this.core = core;
        this.toolstack = toolstack;
    }

    /// <summary>The name that domains get from now on, and that a rename gives.</summary>
    public string Name { get; set; } = "ev";

    /// <summary>The paths of a recording.</summary>
    /// <param name="server">xenstored or oxenstored: they differ in what fires twice, and in order.</param>
    /// <param name="moment">The recording's name.</param>
    public static string[] Paths(string server, string moment) =>
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Streams/Domains/Recorded", server, moment + ".txt")).Select(line => line.Split(' ')[1])];

    /// <summary>The first domain that some paths are about, and the first uuid.</summary>
    public static (Domid? Domid, string? Uuid) Subject(IEnumerable<string> paths)
    {
        var parts = paths.Select(path => path.Split('/')).ToArray();
        var domain = parts.FirstOrDefault(p => p is ["", "local", "domain", not "0", ..]);
        return (domain is null ? null : Number(domain[3]), parts.FirstOrDefault(p => p is ["", "vm", ..])?[2]);
    }

    /// <summary>Does again what made a watch fire with this path.</summary>
    public void Happen(string path)
    {
        switch (path.Split('/'))
        {
            case ["@introduceDomain"]:
                introduced.Add(last);
                core.Introduce(last);
                break;
            case ["@releaseDomain"]:
                Release();
                break;
            case ["", "local", "domain", var number]:
                last = Number(number);
                Toggle(path, lives: introduced.Contains(last));
                break;
            case ["", "vm", _]:
                Toggle(path, lives: trees.Contains(path) && introduced.Contains(last));
                lastVm = path;
                break;
            case ["", "local", "domain", _, "vm"]:
                Write(path, lastVm);
                break;
            case ["", "local", "domain", not "0", "name"] or ["", "vm", _, "name"]:
                Write(path, Name);
                break;
            default:
                Write(path, "");
                break;
        }
    }

    private static Domid Number(string text) => Domid.TryParse(text, out var domid) ? domid : throw new FormatException($"{text} is no domid");

    /// <summary>A node of a domain that lives goes with all that is in it; else it comes.</summary>
    private void Toggle(string path, bool lives)
    {
        if (lives && trees.Remove(path))
        {
            toolstack.RemoveAsync(new XsPath(path)).GetAwaiter().GetResult();
        }
        else
        {
            trees.Add(path);
            toolstack.MakeAsync(new XsPath(path)).GetAwaiter().GetResult();
        }
    }

    /// <summary>A domain that has lost its tree is gone; one that still has it has only shut down.</summary>
    private void Release()
    {
        var gone = introduced.Where(domid => !trees.Contains(XsPath.Home(domid).ToString())).ToArray();
        if (gone.Length == 0) core.Shutdown();
        foreach (var domid in gone)
        {
            introduced.Remove(domid);
            core.Release(domid);
        }
    }

    private void Write(string path, string value) => toolstack.WriteTextAsync(new XsPath(path), value).GetAwaiter().GetResult();
}
