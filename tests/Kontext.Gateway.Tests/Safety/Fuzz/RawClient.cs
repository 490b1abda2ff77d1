using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>Sends bytes, on a connection each, and reads what comes back.</summary>
internal sealed class RawClient(Uri server)
{
    private const int FirstRefusal = 400;

    /// <summary>Nothing here may take as long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<RawAnswer> SendAsync(RawRequest request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, limit.Token);
        var stream = client.GetStream();
        // Beside the reading: what is refused early is answered before it is sent, and then cut off.
        var sending = WriteAsync(client, request.ToBytes(), request.EndsEarly, limit.Token);
        var bytes = await ReadAsync(stream, limit.Token);
        await sending;
        return Parse(bytes);
    }

    private static async Task WriteAsync(TcpClient client, byte[] bytes, bool halfClose, CancellationToken token)
    {
        try
        {
            await client.GetStream().WriteAsync(bytes, token);
            if (halfClose)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // The server has answered and closed already.
        }
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, CancellationToken token)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[16 << 10];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, token)) > 0)
            {
                whole.Write(buffer, 0, read);
                if (whole.Length < 4096 && IsStream(whole.ToArray()))
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // Reset: what has come by then counts.
        }
        return whole.ToArray();
    }

    private static bool IsStream(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        return text.Contains("\r\n\r\n", StringComparison.Ordinal)
            && text.Contains("Content-Type: text/event-stream", StringComparison.Ordinal);
    }

    private static RawAnswer Parse(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return new(0, "", "");
        }
        var lines = Encoding.Latin1.GetString(bytes[..end]).Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        if (status < FirstRefusal)
        {
            return new(status, "", "");
        }
        var body = Encoding.UTF8.GetString(bytes[(end + 4)..]);
        return new(
            status,
            Header("Content-Type").Split(';')[0],
            Header("Transfer-Encoding") == "chunked" ? Unchunk(body) : body
        );

        string Header(string name) =>
            lines
                .FirstOrDefault(line => line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase))
                ?[(name.Length + 2)..]
            ?? "";
    }

    private static string Unchunk(string body)
    {
        var all = new StringBuilder();
        while (
            body.IndexOf("\r\n", StringComparison.Ordinal) is var line and > 0
            && int.TryParse(body[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length)
            && length > 0
        )
        {
            // Lengths are in bytes.
            var rest = Encoding.UTF8.GetBytes(body[(line + 2)..]);
            var taken = Math.Min(length, rest.Length);
            all.Append(Encoding.UTF8.GetString(rest, 0, taken));
            body = Encoding.UTF8.GetString(
                rest,
                Math.Min(taken + 2, rest.Length),
                Math.Max(rest.Length - taken - 2, 0)
            );
        }
        return all.ToString();
    }
}
