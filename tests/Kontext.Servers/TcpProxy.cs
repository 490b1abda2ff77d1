using System.Net;
using System.Net.Sockets;

namespace Kontext.Servers;

/// <summary>Stands between a client and a server on loopback and breaks what lies between them, on demand.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _open = [];
    private readonly CancellationTokenSource _end = new();
    private TaskCompletionSource _flow = Flowing();
    private TcpListener? _listener;

    private readonly Action<Memory<byte>>? _onAnswer;

    /// <summary>A proxy in front of a port of 127.0.0.1.</summary>
    /// <param name="targetPort">The port.</param>
    /// <param name="onAnswer">May change what the server says, before the client gets it; called with all that came at a time.</param>
    public TcpProxy(int targetPort, Action<Memory<byte>>? onAnswer = null)
    {
        _onAnswer = onAnswer;
        _target = new(IPAddress.Loopback, targetPort);
        Accept();
    }

    /// <summary>The port clients connect to.</summary>
    public int Port { get; } = LocalPorts.Next();

    /// <summary>Connections that stand.</summary>
    public int Connections
    {
        get
        {
            lock (_gate)
            {
                return _open.Count / 2;
            }
        }
    }

    /// <summary>Breaks every connection there is, in the middle of whatever it carries; new ones are accepted.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                // No linger: the other side gets a reset, as from a machine that is gone.
                socket.LingerState = new(enable: true, seconds: 0);
                socket.Dispose();
            }
            _open.Clear();
        }
    }

    /// <summary>Breaks every connection and refuses new ones, until <see cref="Resume"/>.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
        }
        Cut();
    }

    /// <summary>Holds back all bytes of all connections, until <see cref="Resume"/>.</summary>
    public void Stall()
    {
        lock (_gate)
        {
            if (_flow.Task.IsCompleted)
            {
                _flow = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Forwards again; bytes that were held back arrive.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _flow.TrySetResult();
            if (_listener is null)
            {
                Accept();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Refuse();
        _end.Dispose();
    }

    private static TaskCompletionSource Flowing()
    {
        var flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flow.SetResult();
        return flow;
    }

    private void Accept()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        _listener = listener;
        _ = AcceptAsync(listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptSocketAsync(_end.Token));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It was told to refuse.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_gate)
        {
            _open.Add(client);
            _open.Add(server);
        }
        try
        {
            await server.ConnectAsync(_target, _end.Token);
            await Task.WhenAny(ForwardAsync(client, server, null), ForwardAsync(server, client, _onAnswer));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone, and so is the other.
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(client);
                _open.Remove(server);
            }
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task ForwardAsync(Socket from, Socket to, Action<Memory<byte>>? onBytes)
    {
        const int BufferBytes = 64 * 1024;
        var buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is var count && count > 0)
            {
                Task flow;
                lock (_gate)
                {
                    flow = _flow.Task;
                }
                await flow.WaitAsync(_end.Token);
                onBytes?.Invoke(buffer.AsMemory(0, count));
                for (var sent = 0; sent < count; )
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone, and so is the other.
        }
    }
}
