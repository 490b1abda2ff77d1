using Kontext.Contracts.Messages;

namespace Kontext.Messaging.Tests;

public sealed class BatchingSenderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly List<MessageBatch> _batches = [];
    private readonly List<string> _alone = [];
    private readonly BatchingSender _sender;
    private TaskCompletionSource _onItsWay = new();

    public BatchingSenderTests() =>
        _sender = new(async batch =>
        {
            _batches.Add(batch);
            await _onItsWay.Task;
        });

    [Fact]
    public async Task One_message_goes_alone()
    {
        _onItsWay.SetResult();
        await SendAsync("a");
        _alone.ShouldBe(["a"]);
        _batches.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_comes_while_one_is_on_its_way_goes_together_afterwards_and_in_order()
    {
        var first = SendAsync("a");
        Task[] others = [SendAsync("b"), SendAsync("c"), SendAsync("d")];
        others.ShouldAllBe(sent => !sent.IsCompleted);
        _onItsWay.SetResult();
        await Task.WhenAll([first, .. others]);
        var sent = _alone.Concat(_batches.SelectMany(batch => batch.Messages.Select(JobOf)));
        sent.ShouldBe(["a", "b", "c", "d"]);
        _batches.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_sent_fails_all_of_its_senders_and_nobody_after_them()
    {
        Task[] all = [SendAsync("a"), SendAsync("b"), SendAsync("c")];
        _onItsWay.SetException(new InvalidOperationException("on purpose"));
        foreach (var sent in all)
        {
            await Should.ThrowAsync<InvalidOperationException>(() => sent);
        }
        _onItsWay = new();
        _onItsWay.SetResult();
        await SendAsync("d");
        _alone[^1].ShouldBe("d");
    }

    [Fact]
    public async Task A_batch_has_a_bound()
    {
        var all = Enumerable.Range(0, 200).Select(i => SendAsync($"{i}")).ToArray();
        _onItsWay.SetResult();
        await Task.WhenAll(all);
        _batches.ShouldAllBe(batch => batch.Messages.Count <= 64);
        (_alone.Count + _batches.Sum(batch => batch.Messages.Count)).ShouldBe(200);
    }

    [Fact]
    public async Task Whoever_stops_waiting_stops_nobody_else()
    {
        using var stop = new CancellationTokenSource();
        var first = SendAsync("a");
        var second = _sender.SendAsync(new CancelJob("b"), () => Alone("b"), stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        _onItsWay.SetResult();
        await first;
        await SendAsync("c");
        _alone.Concat(_batches.SelectMany(batch => batch.Messages.Select(JobOf))).ShouldContain("b");
    }

    private Task SendAsync(string job) => _sender.SendAsync(new CancelJob(job), () => Alone(job), Token);

    private async Task Alone(string job)
    {
        _alone.Add(job);
        await _onItsWay.Task;
    }

    private static string JobOf(BatchedMessage message)
    {
        message.Type.ShouldBe(nameof(CancelJob));
        return message.Body.GetProperty("job").GetString()!;
    }
}
