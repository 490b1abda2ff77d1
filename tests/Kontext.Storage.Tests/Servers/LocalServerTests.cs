using System.Net;
using System.Net.Sockets;
using System.Text;
using Kontext.Servers;

namespace Kontext.Storage.Tests.Servers;

/// <summary>What every test that breaks a server relies on.</summary>
public sealed class LocalServerTests
{
    [Fact]
    public async Task Redis_that_is_killed_keeps_its_data_and_a_wiped_one_does_not()
    {
        await using var server = await RedisServer.StartNewAsync();
        (await AskAsync(server.Port, "SET key value\r\n")).ShouldStartWith("+OK");
        await server.RestartAsync();
        (await AskAsync(server.Port, "GET key\r\n")).ShouldStartWith("$5");
        await server.WipeAndRestartAsync();
        (await AskAsync(server.Port, "GET key\r\n")).ShouldStartWith("$-1");
        await server.StopAsync();
        await Should.ThrowAsync<SocketException>(() => AskAsync(server.Port, "PING\r\n"));
    }

    [Fact]
    public async Task RabbitMq_that_is_stopped_keeps_its_queues_and_a_wiped_one_does_not()
    {
        await using var server = await RabbitMqServer.StartNewAsync();
        using (
            var answer = await server.Management.PutAsync(
                "queues/%2F/kept",
                new StringContent("""{"durable":true}""", Encoding.UTF8, "application/json"),
                TestContext.Current.CancellationToken
            )
        )
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        }
        // Stopped, not killed: RabbitMQ tells of a queue before its disk knows it.
        await server.StopAsync();
        await server.StartAsync();
        (await StatusAsync()).ShouldBe(HttpStatusCode.OK);
        await server.WipeAndRestartAsync();
        (await StatusAsync()).ShouldBe(HttpStatusCode.NotFound);

        async Task<HttpStatusCode> StatusAsync()
        {
            using var answer = await server.Management.GetAsync(
                "queues/%2F/kept",
                TestContext.Current.CancellationToken
            );
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task S3_that_is_killed_and_wiped_answers_again()
    {
        await using var server = await S3Server.StartNewAsync();
        using var client = new HttpClient();
        await server.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(() =>
            client.GetAsync(server.Endpoint, TestContext.Current.CancellationToken)
        );
        await server.StartAsync();
        (await client.GetAsync(server.Endpoint, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            HttpStatusCode.OK
        );
        await server.WipeAndRestartAsync();
        (await client.GetAsync(server.Endpoint, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            HttpStatusCode.OK
        );
    }

    [Fact]
    public async Task A_proxy_forwards_cuts_stalls_and_refuses()
    {
        var server = await RedisServer.SharedAsync();
        await using var proxy = new TcpProxy(server.Port);
        (await AskAsync(proxy.Port, "PING\r\n")).ShouldStartWith("+PONG");

        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, proxy.Port, TestContext.Current.CancellationToken);
            proxy.Stall();
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            var answer = ReadAsync(client);
            proxy.Resume();
            (await answer).ShouldStartWith("+PONG");
            proxy.Cut();
            await Should.ThrowAsync<IOException>(() => ReadAsync(client));
        }

        proxy.Refuse();
        await Should.ThrowAsync<SocketException>(() => AskAsync(proxy.Port, "PING\r\n"));
        proxy.Resume();
        (await AskAsync(proxy.Port, "PING\r\n")).ShouldStartWith("+PONG");
    }

    private static async Task<string> AskAsync(int port, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command), TestContext.Current.CancellationToken);
        return await ReadAsync(client);
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var buffer = new byte[256];
        var count = await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }
}
