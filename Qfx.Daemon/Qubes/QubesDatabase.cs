using Qfx.Daemon.Disposables;
using Qfx.Streams.Domains;

namespace Qfx.Daemon.Qubes;

/// <summary>Qubes' own list of VMs, <c>/var/lib/qubes/qubes.xml</c>, shared with the Python tools of 2010.</summary>
/// <param name="path">The file.</param>
/// <param name="recovered">Told when a change that an earlier process left half done was finished.</param>
/// <param name="calls">The system; a test has its own.</param>
internal sealed class QubesDatabase(string path, Action? recovered = null, IDatabaseCalls? calls = null) : IVmDatabase
{
    private readonly IDatabaseCalls calls = calls ?? new DatabaseLibc();

    public Task<VmLabel> LabelOfAsync(VmName vm, CancellationToken cancel) =>
        WithAsync(file => QubesLabels.Find(QubesVmList.Parse(file.Read()).Find(vm.ToString())?.Label) ?? VmLabel.Red, cancel);

    public Task AddDisposableAsync(VmName name, VmName savedFrom, VmLabel label, CancellationToken cancel) => WithAsync(
        file =>
        {
            var list = QubesVmList.Parse(file.Read());
            file.Replace(list.Text, list.With(name.ToString(), savedFrom.ToString(), QubesLabels.NameOf(label)));
            return true;
        },
        cancel);

    public Task RemoveDisposableAsync(VmName name, CancellationToken cancel) => WithAsync(
        file =>
        {
            var list = QubesVmList.Parse(file.Read());
            if (list.Without(name.ToString()) is not { } without) return false;
            file.Replace(list.Text, without);
            return true;
        },
        cancel);

    private async Task<T> WithAsync<T>(Func<DatabaseFile, T> deed, CancellationToken cancel)
    {
        try
        {
            using var file = await DatabaseFile.OpenAsync(calls, path, recovered, cancel).ConfigureAwait(false);
            return deed(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or VmDatabaseException)
        {
            throw new VmDatabaseException($"{path}: {e.Message}", e);
        }
    }
}
