using System.Net.Sockets;
using System.Text;
using Kontext.Gateway.Tests.Http;

namespace Kontext.Gateway.Tests.Safety;

public sealed class RequestTimeoutTests
{
    [Theory]
    [InlineData("/v1/jobs", "\"code\":\"service_unavailable\"")]
    [InlineData("/v1/flux-kontext-pro", "\"detail\":\"The request took more than 0.3 seconds.\"")]
    [InlineData("/v1/images/generations", "\"code\":\"service_unavailable\"")]
    public async Task A_body_that_does_not_come_is_not_waited_for(string path, string expected)
    {
        await using var host = await GatewayHost.StartAsync(["Gateway:RequestTimeout", "00:00:00.3"]);
        var url = host.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, GatewayHost.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 100\r\nConnection: close\r\n\r\n{\"prompt\":"
            ),
            GatewayHost.Token
        );
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(GatewayHost.Token);
        answer.ShouldStartWith("HTTP/1.1 503 ");
        answer.ShouldContain("Retry-After: 5");
        answer.ShouldContain(expected);
    }
}
