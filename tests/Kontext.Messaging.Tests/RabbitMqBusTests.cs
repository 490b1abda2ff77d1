using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Contracts.Messages;

namespace Kontext.Messaging.Tests;

/// <summary>A real RabbitMQ.</summary>
public sealed class RabbitMqBusTests : MessageBusConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override string? Broker => "amqp://guest:guest@127.0.0.1:35672";

    [Fact]
    public async Task A_queue_that_does_not_exist_is_a_failure_of_sending()
    {
        await using var host = await BusHost.StartAsync(Broker);
        var error = await Should.ThrowAsync<KontextException>(() => host.SendAsync(new CancelJob("a")));
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
    }

    [Fact]
    public async Task What_a_handler_has_not_done_is_delivered_again_with_the_same_id()
    {
        await using var host = await BusHost.StartAsync(Broker);
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
        await using var host = await BusHost.StartAsync(Broker);
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
        await using var second = await host.ConsumeAsync<CancelJob>(
            delivery => received.Writer.WriteAsync(delivery).AsTask()
        );
        var after = await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
        after.ShouldBe(before with { Redelivered = true });
    }

    [Fact]
    public async Task One_consumer_at_a_time_hears_a_single_active_queue()
    {
        await using var a = await BusHost.StartAsync(Broker);
        await using var b = await BusHost.StartAsync(Broker);
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
}
