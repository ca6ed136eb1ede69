using Qfx.Streams.Domains;

namespace Qfx.Streams.Requests;

/// <summary>
/// What outlives the daemon of requests that were taken: a request is out of its key before anything is said of it, so without a note one that is taken just before the
/// daemon is killed would never be answered. Called from any thread; does not throw, and does not take long.
/// </summary>
public interface ITakenNotes
{
    /// <summary>A request of this domain is about to be taken. Noted before it is, so perhaps once too often: never once too few.</summary>
    void Take(DomainIdentity domain);

    /// <summary>Its status counts so far: it was written, or found so. What was noted at a lower count has been spoken of.</summary>
    void Said(DomainIdentity domain, int count);

    /// <summary>Whether a request was taken when its status counted so far: then nothing was ever said of it.</summary>
    bool IsOpen(DomainIdentity domain, int count);
}

/// <summary>Nothing is noted: for who needs no answer after a restart.</summary>
public sealed class NoTakenNotes : ITakenNotes
{
    /// <inheritdoc/>
    public void Take(DomainIdentity domain)
    {
    }

    /// <inheritdoc/>
    public void Said(DomainIdentity domain, int count)
    {
    }

    /// <inheritdoc/>
    public bool IsOpen(DomainIdentity domain, int count) => false;
}
