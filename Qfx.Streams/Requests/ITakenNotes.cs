using Qfx.Streams.Domains;

namespace Qfx.Streams.Requests;

/// <summary>
/// What outlives the daemon of requests that were taken: a request is out of its key before anything is said of it, so without a note one that is taken just before the
/// daemon is killed would never be answered. Called from any thread; does not throw, and does not wait for a disk.
/// </summary>
public interface ITakenNotes
{
    /// <summary>A request of this domain is about to be taken. Noted before it is, so perhaps once too often: never once too few.</summary>
    void Take(DomainIdentity domain);

    /// <summary>One that was noted was not taken after all, or was a repeat that nothing is said of.</summary>
    void Drop(DomainIdentity domain);

    /// <summary>Its status counts so far: it was written, or found so. As many as it counts further have been spoken of.</summary>
    void Said(DomainIdentity domain, int count);

    /// <summary>How many were taken of which nothing was ever said, if its status counts so far.</summary>
    int Open(DomainIdentity domain, int count);
}

/// <summary>Nothing is noted: for who needs no answer after a restart.</summary>
public sealed class NoTakenNotes : ITakenNotes
{
    /// <inheritdoc/>
    public void Take(DomainIdentity domain)
    {
    }

    /// <inheritdoc/>
    public void Drop(DomainIdentity domain)
    {
    }

    /// <inheritdoc/>
    public void Said(DomainIdentity domain, int count)
    {
    }

    /// <inheritdoc/>
    public int Open(DomainIdentity domain, int count) => 0;
}
