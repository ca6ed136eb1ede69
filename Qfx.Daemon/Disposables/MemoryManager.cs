using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Qfx.Daemon.Disposables;

/// <summary>A client of Qubes' memory manager: asks for memory that nobody else gets until it is given back.</summary>
internal static class MemoryManager
{
    private const int LongestAnswer = 16;    // bytes; it says OK or FAIL

    /// <summary>Asks. Where there is no manager everything is granted.</summary>
    /// <param name="socket">Its unix socket.</param>
    /// <param name="mib">How much.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Holds the memory until it is disposed of; null when there is not enough.</returns>
    /// <exception cref="DisposableException">It gave no answer that has a meaning.</exception>
    public static async Task<IDisposable?> AskAsync(string socket, int mib, CancellationToken cancel)
    {
        if (!File.Exists(socket)) return System.Reactive.Disposables.Disposable.Empty;
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var granted = false;
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel).ConfigureAwait(false);
            await connection.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{mib * 1024L * 1024L}\n")), cancel).ConfigureAwait(false);
            var answer = await ReadAsync(connection, cancel).ConfigureAwait(false);
            granted = answer == "OK";
            return granted ? connection
                : answer == "FAIL" ? null
                : throw new DisposableException("the memory manager gave an answer without a meaning");
        }
        catch (SocketException e)
        {
            throw new DisposableException($"the memory manager at {socket} cannot be asked: {e.Message}", e);
        }
        finally
        {
            if (!granted) connection.Dispose();
        }
    }

    /// <summary>The word that it says; its length is nowhere said, so it is complete when it can be nothing longer.</summary>
    private static async Task<string> ReadAsync(Socket connection, CancellationToken cancel)
    {
        var bytes = new byte[LongestAnswer];
        var length = 0;
        while (length < bytes.Length && await connection.ReceiveAsync(bytes.AsMemory(length), cancel).ConfigureAwait(false) is > 0 and var read)
        {
            length += read;
            var word = Encoding.ASCII.GetString(bytes, 0, length).TrimEnd('\n', '\r', ' ');
            if (word is "OK" or "FAIL") return word;
        }

        return "";
    }
}
