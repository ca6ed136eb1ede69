using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Support;

/// <summary>Notes of what was taken, for as long as the test lasts.</summary>
internal sealed class MemoryNotes : ITakenNotes
{
    private readonly Dictionary<DomainIdentity, (int Count, bool Taken)> notes = [];

    public void Take(DomainIdentity domain) => notes[domain] = (notes.GetValueOrDefault(domain).Count, true);

    public void Said(DomainIdentity domain, int count)
    {
        if (notes.GetValueOrDefault(domain).Count != count) notes[domain] = (count, false);
    }

    public bool IsOpen(DomainIdentity domain, int count) => notes.GetValueOrDefault(domain) == (count, true);
}
