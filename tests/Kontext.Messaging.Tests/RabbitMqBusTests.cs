using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Contracts.Messages;
using Kontext.Servers;

namespace Kontext.Messaging.Tests;

/// <summary>A real RabbitMQ.</summary>
public sealed class RabbitMqBusTests : MessageBusConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override async Task<string?> BrokerAsync() => (await RabbitMqServer.SharedAsync()).ConnectionString;

    [Fact]
    public async Task A_queue_that_does_not_exist_is_a_failure_of_sending()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        var error = await Should.ThrowAsync<KontextException>(() => host.SendAsync(new CancelJob("a")));
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
    }

    [Fact]
    public async Task What_a_handler_has_not_done_is_delivered_again_with_the_same_id()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        var received = Channel.CreateUnbounded<Delivery<CancelJob>>();
        await using var subscription = await host.ConsumeAsync<CancelJob>(async delivery =>
        {
            await received.Writer.WriteAsync(delivery);
            if (!delivery.Redelivered)
            {
                throw new InvalidOperationException("on purpose");
            }
        });

        await host.SendAsync(new CancelJob("again"));

        var first = await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
        var second = await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
        second.Redelivered.ShouldBeTrue();
        second.Id.ShouldBe(first.Id);
    }

    [Fact]
    public async Task What_a_consumer_holds_when_it_goes_is_delivered_to_another()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        var held = new TaskCompletionSource<Delivery<CancelJob>>();
        var first = await host.Bus.ConsumeAsync(
            new(host.Queue, 1),
            [
                MessageHandler.For<CancelJob>(
                    async (delivery, ending) =>
                    {
                        held.TrySetResult(delivery);
                        await Task.Delay(Timeout.Infinite, ending);
                    }
                ),
            ],
            Token
        );
        await host.SendAsync(new CancelJob("held"));
        var before = await held.Task.WaitAsync(Patience, Token);
        await first.DisposeAsync();

        var received = Channel.CreateUnbounded<Delivery<CancelJob>>();
        await using var second = await host.ConsumeAsync<CancelJob>(delivery =>
            received.Writer.WriteAsync(delivery).AsTask()
        );
        var after = await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
        after.ShouldBe(before with { Redelivered = true });
    }

    [Fact]
    public async Task One_consumer_at_a_time_hears_a_single_active_queue()
    {
        await using var a = await BusHost.StartAsync(await BrokerAsync());
        await using var b = await BusHost.StartAsync(await BrokerAsync());
        var heard = Channel.CreateUnbounded<string>();
        var first = await ListenAsync(a, "a");
        await using var second = await ListenAsync(b, "b");

        for (var i = 0; i < 4; i++)
        {
            await a.SendAsync(new CancelJob($"{i}"));
            (await heard.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).ShouldBe("a");
        }
        await first.DisposeAsync();
        await a.SendAsync(new CancelJob("next"));
        (await heard.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).ShouldBe("b");

        Task<IAsyncDisposable> ListenAsync(BusHost host, string name) =>
            host.Bus.ConsumeAsync(
                new(a.Queue, 4) { SingleActiveConsumer = true },
                [MessageHandler.For<CancelJob>((_, ending) => heard.Writer.WriteAsync(name, ending).AsTask())],
                Token
            );
    }

    [Fact]
    public async Task What_cannot_be_read_goes_to_the_dead_letters_and_holds_up_nothing()
    {
        var server = await RabbitMqServer.SharedAsync();
        await using var host = await BusHost.StartAsync(server.ConnectionString);
        var received = Channel.CreateUnbounded<Delivery<CancelJob>>();
        await using var subscription = await host.ConsumeAsync<CancelJob>(delivery =>
            received.Writer.WriteAsync(delivery).AsTask()
        );
        var broken = new
        {
            properties = new
            {
                content_type = "application/json",
                headers = new Dictionary<string, string>
                {
                    ["MT-MessageType"] = "urn:message:Kontext.Contracts.Messages:CancelJob",
                },
            },
            routing_key = "",
            payload = "{\"job\":",
            payload_encoding = "string",
        };

        var answer = await server.Management.PostAsJsonAsync($"exchanges/%2f/{host.Queue}/publish", broken, Token);
        answer.EnsureSuccessStatusCode();
        await host.SendAsync(new CancelJob("good"));

        (await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).Message.Job.ShouldBe("good");
        var taken = new
        {
            count = 1,
            ackmode = "ack_requeue_false",
            encoding = "auto",
        };
        JsonElement letters;
        do
        {
            var letter = await server.Management.PostAsJsonAsync($"queues/%2f/{Queues.DeadLetters}/get", taken, Token);
            letters = await letter.Content.ReadFromJsonAsync<JsonElement>(Token);
        } while (letters.ValueKind != JsonValueKind.Array || letters.GetArrayLength() == 0);
        letters[0].GetProperty("payload").GetString().ShouldBe("{\"job\":");
    }

    [Fact]
    public async Task A_message_older_than_its_time_to_live_is_not_delivered()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        await (await host.ConsumeAsync<CancelJob>(_ => Task.CompletedTask)).DisposeAsync();
        await host.SendAsync(new CancelJob("short-lived"), TimeSpan.FromMilliseconds(1));
        await Task.Delay(50, Token);
        await host.SendAsync(new CancelJob("lasting"));

        var received = Channel.CreateUnbounded<Delivery<CancelJob>>();
        await using var subscription = await host.ConsumeAsync<CancelJob>(delivery =>
            received.Writer.WriteAsync(delivery).AsTask()
        );
        (await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).Message.Job.ShouldBe("lasting");
    }

    [Fact]
    public async Task A_consumer_outlives_a_broker_that_has_lost_its_data()
    {
        await using var server = await RabbitMqServer.StartNewAsync();
        await using var host = await BusHost.StartAsync(server.ConnectionString);
        var received = Channel.CreateUnbounded<Delivery<CancelJob>>();
        await using var subscription = await host.ConsumeAsync<CancelJob>(delivery =>
            received.Writer.WriteAsync(delivery).AsTask()
        );
        await host.SendAsync(new CancelJob("before"));
        (await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).Message.Job.ShouldBe("before");

        await server.WipeAndRestartAsync();

        // Until the consumer is back there is no queue, and sending says so.
        while (!await TrySendAsync(host, new CancelJob("after")))
        {
            await Task.Delay(200, Token);
        }
        (await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).Message.Job.ShouldBe("after");
    }

    [Theory]
    [InlineData("http://127.0.0.1:5672", "configuration_invalid", "amqp://")]
    [InlineData("amqp://guest:secret@127.0.0.1:1", "service_unavailable", "127.0.0.1:1")]
    public async Task A_wrong_connection_string_is_named_without_its_password(string text, string code, string named)
    {
        var error = await Should.ThrowAsync<KontextException>(() => BusHost.StartAsync(text));
        error.Code.Name.ShouldBe(code);
        error.Message.ShouldContain("ConnectionStrings:RabbitMq");
        error.Message.ShouldContain(named);
        error.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_wrong_password_is_refused_at_the_start()
    {
        var server = await RabbitMqServer.SharedAsync();
        var error = await Should.ThrowAsync<KontextException>(() =>
            BusHost.StartAsync($"amqp://guest:wrong@127.0.0.1:{server.Port}")
        );
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
    }

    private static async Task<bool> TrySendAsync(BusHost host, CancelJob message)
    {
        try
        {
            await host.SendAsync(message);
            return true;
        }
        catch (KontextException)
        {
            return false;
        }
    }
}
