using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Support;

/// <summary>Notes of what was taken, for as long as the test lasts.</summary>
internal sealed class MemoryNotes : ITakenNotes
{
    private readonly Dictionary<DomainIdentity, TakenNote> notes = [];

    public void Take(DomainIdentity domain) => notes[domain] = notes.GetValueOrDefault(domain).Take();

    public void Drop(DomainIdentity domain) => notes[domain] = notes.GetValueOrDefault(domain).Drop();

    public void Said(DomainIdentity domain, int count) => notes[domain] = notes.GetValueOrDefault(domain).Said(count);

    public int Open(DomainIdentity domain, int count) => notes.GetValueOrDefault(domain).Said(count).Taken;
}
