using Qfx.Streams.Domains;

namespace Qfx.Streams.Requests;

/// <summary>What a domain's request key brings.</summary>
public abstract record QpenEvent(DomainIdentity From)
{
    /// <summary>The keys are there; requests are taken from now on.</summary>
    /// <param name="From">Whose keys.</param>
    /// <param name="Found">What lay in them.</param>
    public sealed record Prepared(DomainIdentity From, QpenFound Found) : QpenEvent(From);

    /// <summary>A request was taken from the key.</summary>
    /// <param name="From">Who wrote it.</param>
    /// <param name="Request">What it says.</param>
    public sealed record Taken(DomainIdentity From, Request Request) : QpenEvent(From);

    /// <summary>The server would not let the key be read or prepared, even after several attempts; nothing was taken.</summary>
    /// <param name="From">Whose key.</param>
    /// <param name="Reason">The server's word.</param>
    public sealed record Refused(DomainIdentity From, string Reason) : QpenEvent(From);
}
