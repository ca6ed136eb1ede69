namespace Qfx.Xen.Store;

/// <summary>What a client holds at a moment.</summary>
/// <param name="Requests">In flight, given up by their callers or not.</param>
/// <param name="Watches">Paths that are watched.</param>
/// <param name="Registrations">Watches on the server, as far as the client knows.</param>
/// <param name="Subscribers">Of all watches.</param>
internal readonly record struct XsClientHoldings(int Requests, int Watches, int Registrations, int Subscribers);
