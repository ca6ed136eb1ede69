using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <summary>What the embedded store knows of one client.</summary>
/// <param name="domid">Whose rights it has.</param>
/// <param name="send">Takes a message for it, header and payload; must not block.</param>
internal sealed class StoreConnection(Domid domid, Action<byte[]> send)
{
    public Domid Domid => domid;

    /// <summary>Guests are limited in what they may hold.</summary>
    public bool IsGuest => domid != Domid.Zero;

    public List<StoreWatch> Watches { get; } = [];

    public Dictionary<uint, StoreTransaction> Transactions { get; } = [];

    public uint LastTransaction { get; set; }

    /// <summary>Where relative paths begin.</summary>
    public XsPath Home => XsPath.Home(domid);

    public void Send(XsType type, uint requestId, uint transactionId, ReadOnlySpan<byte> payload)
    {
        var message = new byte[XsHeader.Size + payload.Length];
        new XsHeader(type, requestId, transactionId, payload.Length).Write(message);
        payload.CopyTo(message.AsSpan(XsHeader.Size));
        send(message);
    }
}

/// <summary>One watch of one client.</summary>
/// <param name="Path">Absolute, or special.</param>
/// <param name="Spelled">As the client spelled it; relative ones bring relative events.</param>
/// <param name="Token">The client's own.</param>
internal sealed record StoreWatch(XsPath Path, string Spelled, string Token);
