using System.Threading.Channels;
using Kontext.Contracts.Messages;

namespace Kontext.Messaging.Tests;

/// <summary>What every bus does, whatever carries the messages.</summary>
public abstract class MessageBusConformance
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The connection string, or null for queues in this process.</summary>
    protected abstract Task<string?> BrokerAsync();

    [Fact]
    public async Task A_message_arrives_as_it_was_sent()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        var received = Channel.CreateUnbounded<Delivery<CancelJob>>();
        await using var subscription = await host.ConsumeAsync<CancelJob>(delivery =>
            received.Writer.WriteAsync(delivery).AsTask()
        );

        await host.SendAsync(new CancelJob("job-ü"));

        var delivery = await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
        delivery.Message.ShouldBe(new CancelJob("job-ü"));
        delivery.Redelivered.ShouldBeFalse();
        delivery.Id.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Each_kind_of_message_goes_to_its_handler()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        var received = Channel.CreateUnbounded<object>();
        await using var subscription = await host.Bus.ConsumeAsync(
            new(host.Queue, 4),
            [
                MessageHandler.For<CancelJob>(
                    (delivery, ending) => received.Writer.WriteAsync(delivery.Message, ending).AsTask()
                ),
                MessageHandler.For<Tick>(
                    (delivery, ending) => received.Writer.WriteAsync(delivery.Message, ending).AsTask()
                ),
            ],
            Token
        );

        var tick = new Tick(DateTimeOffset.UnixEpoch);
        await host.SendAsync(tick);
        await host.SendAsync(new CancelJob("a"));

        object[] messages = [await ReadAsync(received.Reader), await ReadAsync(received.Reader)];
        messages.ShouldBe([tick, new CancelJob("a")], ignoreOrder: true);
    }

    [Fact]
    public async Task Messages_are_handled_side_by_side_up_to_the_prefetch()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        var (running, most) = (0, 0);
        var enter = new SemaphoreSlim(0);
        var leave = new TaskCompletionSource();
        await using var subscription = await host.ConsumeAsync<CancelJob>(
            async _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                enter.Release();
                await leave.Task;
                Interlocked.Decrement(ref running);
            },
            prefetch: 3
        );
        // With a time to live each travels alone.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => host.SendAsync(new CancelJob($"{i}"), Patience)));

        for (var i = 0; i < 3; i++)
        {
            (await enter.WaitAsync(Patience, Token)).ShouldBeTrue();
        }
        leave.SetResult();
        for (var i = 3; i < 6; i++)
        {
            (await enter.WaitAsync(Patience, Token)).ShouldBeTrue();
        }
        most.ShouldBe(3);
    }

    [Fact]
    public async Task What_is_sent_while_nobody_listens_waits_in_the_queue()
    {
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        await (await host.ConsumeAsync<CancelJob>(_ => Task.CompletedTask)).DisposeAsync();

        await host.SendAsync(new CancelJob("later"));

        var received = Channel.CreateUnbounded<Delivery<CancelJob>>();
        await using var subscription = await host.ConsumeAsync<CancelJob>(delivery =>
            received.Writer.WriteAsync(delivery).AsTask()
        );
        var delivery = await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
        delivery.Message.Job.ShouldBe("later");
    }

    [Fact]
    public async Task What_is_sent_at_once_travels_together_and_arrives_each_once_with_an_id_of_its_own()
    {
        const int messages = 500;
        await using var host = await BusHost.StartAsync(await BrokerAsync());
        var received = Channel.CreateUnbounded<(object Message, string Id)>();
        await using var subscription = await host.Bus.ConsumeAsync(
            new(host.Queue, 16),
            [
                MessageHandler.For<CancelJob>(
                    (delivery, ending) => received.Writer.WriteAsync((delivery.Message, delivery.Id), ending).AsTask()
                ),
                MessageHandler.For<Tick>(
                    (delivery, ending) => received.Writer.WriteAsync((delivery.Message, delivery.Id), ending).AsTask()
                ),
            ],
            Token
        );
        object[] sent =
        [
            .. Enumerable
                .Range(0, messages)
                .Select(i =>
                    i % 2 == 0 ? (object)new CancelJob($"{i}") : new Tick(DateTimeOffset.UnixEpoch.AddSeconds(i))
                ),
        ];

        await Task.WhenAll(
            sent.Select(message => message is Tick tick ? host.SendAsync(tick) : host.SendAsync((CancelJob)message))
        );

        var arrived = new List<(object Message, string Id)>();
        while (arrived.Count < messages)
        {
            arrived.Add(await received.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token));
        }
        arrived.Select(delivery => delivery.Message).ShouldBe(sent, ignoreOrder: true);
        arrived.Select(delivery => delivery.Id).Distinct().Count().ShouldBe(messages);
    }

    private static async Task<object> ReadAsync(ChannelReader<object> reader) =>
        await reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
}
