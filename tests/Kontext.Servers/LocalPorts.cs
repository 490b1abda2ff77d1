using System.Net;
using System.Net.Sockets;

namespace Kontext.Servers;

/// <summary>Free ports on loopback.</summary>
public static class LocalPorts
{
    /// <summary>
    /// Below the range that Linux takes for outgoing connections (from 32768 on). A port of that range, once its server is
    /// down, may be taken by whoever connects next, and a client that keeps trying can even end up connected to itself.
    /// </summary>
    private const int First = 10_000;
    private const int End = 32_000;

    private static readonly HashSet<int> Given = [];

    /// <summary>A port that nobody listens on and that this process was not given before.</summary>
    public static int Next()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, End);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
