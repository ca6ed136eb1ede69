using Microsoft.Win32.SafeHandles;
using Qfx.Daemon.Qubes;

namespace Qfx.Tests.Support;

/// <summary>Linux's calls, until one of them is not made: the process is gone, or the disk is full.</summary>
internal sealed class FaultyCalls : IDatabaseCalls
{
    private readonly DatabaseLibc libc = new();

    /// <summary>The first call that is not made, counted from 0; none by default.</summary>
    public int Before { get; init; } = int.MaxValue;

    /// <summary>What happens instead: an exception, unless nothing comes after it.</summary>
    public Func<string, Exception> Then { get; init; } = call => new Died(call);

    /// <summary>That call alone fails, and the next ones are made.</summary>
    public bool Once { get; init; }

    /// <summary>If the call is a write, so many bytes of it are written.</summary>
    public int Torn { get; init; }

    /// <summary>How many calls there were.</summary>
    public int Count { get; private set; }

    public List<string> Names { get; } = [];

    /// <summary>No error that a program could handle: whoever sees it does nothing more.</summary>
    internal sealed class Died(string call) : Exception($"died before {call}");

    public SafeFileHandle Open(string path, int flags) => Do("open", () => libc.Open(path, flags));

    public int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        var copy = bytes.ToArray();
        if (Torn > 0 && Count == Before) _ = libc.Write(file, bytes[..Math.Min(Torn, bytes.Length)], offset);
        return Do("write", () => libc.Write(file, copy, offset));
    }

    public void Reserve(SafeFileHandle file, long length) => Do("reserve", () => libc.Reserve(file, length));

    public void Truncate(SafeFileHandle file, long length) => Do("truncate", () => libc.Truncate(file, length));

    public void Sync(SafeFileHandle file) => Do("sync", () => libc.Sync(file));

    public void Remove(string path) => Do("remove", () => libc.Remove(path));

    private void Do(string name, Action call) => Do(name, () =>
    {
        call();
        return true;
    });

    private T Do<T>(string name, Func<T> call)
    {
        var number = Count++;
        Names.Add(name);
        if (Once ? number == Before : number >= Before) throw Then(name);
        return call();
    }
}
