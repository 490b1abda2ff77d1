using Kontext.Contracts;
using Kontext.Contracts.Messages;
using Kontext.Servers;

namespace Kontext.Gateway.Tests.Http;

public sealed class IdempotencyTests
{
    [Fact]
    public async Task The_same_key_with_the_same_body_is_the_same_job()
    {
        await using var host = await GatewayHost.StartAsync();
        var first = await host.PostAsync(new { prompt = "x" }, "my-key").ShouldBeJobAsync(202);
        var again = await host.PostAsync(new { prompt = "x" }, "my-key").ShouldBeJobAsync(202);
        again.GetRawText().ShouldBe(first.GetRawText());
        (await host.CountPendingAsync()).ShouldBe(1);
        (await host.SentAsync<SubmitJob>()).Spec.BodyDigest.ShouldNotBeNull();
        host.Unheard.ShouldBe(0);
        (await host.PostAsync(new { prompt = "x" }, "another").ShouldBeJobAsync(202)).Id().ShouldNotBe(first.Id());
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_a_conflict()
    {
        await using var host = await GatewayHost.StartAsync();
        await host.PostAsync(new { prompt = "x" }, "key").ShouldBeJobAsync(202);
        await host.PostAsync(new { prompt = "y" }, "key").ShouldBeProblemAsync(ErrorCode.IdempotencyConflict);
        (await host.CountPendingAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_at_once_one_body_wins()
    {
        await using var host = await GatewayHost.StartAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => host.PostAsync(new { prompt = $"{i % 2}" }, "key"))
        );
        (await host.CountPendingAsync()).ShouldBe(1);
        answers.Count(answer => (int)answer.StatusCode == 202).ShouldBe(25);
        answers.Count(answer => (int)answer.StatusCode == 422).ShouldBe(25);
    }

    [Fact]
    public async Task A_body_that_was_refused_leaves_its_key_free()
    {
        await using var host = await GatewayHost.StartAsync();
        await host.PostAsync(new { prompt = "" }, "key").ShouldBeProblemAsync(ErrorCode.PromptEmpty);
        await host.PostAsync(new { prompt = "x" }, "key").ShouldBeJobAsync(202);
    }

    [Fact]
    public async Task What_Redis_forgets_the_acceptance_remembers()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await GatewayHost.StartAsync("ConnectionStrings:Redis", redis.ConnectionString);
        var first = await host.PostAsync(new { prompt = "x" }, "key").ShouldBeJobAsync(202);
        await redis.WipeAndRestartAsync();
        await UntilAnswersAsync(host);
        (await host.PostAsync(new { prompt = "x" }, "key").ShouldBeJobAsync(202)).Id().ShouldBe(first.Id());
        await host.PostAsync(new { prompt = "y" }, "key").ShouldBeProblemAsync(ErrorCode.IdempotencyConflict);
        (await host.CountPendingAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Without_Redis_nothing_is_accepted_and_the_same_key_is_safe_to_try_again()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var host = await GatewayHost.StartAsync("ConnectionStrings:Redis", redis.ConnectionString);
        await redis.StopAsync();
        await host.PostAsync(new { prompt = "x" }).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        await host.PostAsync(new { prompt = "x" }, "key").ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        (await host.CountPendingAsync()).ShouldBe(0);
        await redis.StartAsync();
        await UntilAnswersAsync(host);
        await host.PostAsync(new { prompt = "x" }, "key").ShouldBeJobAsync(202);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("")]
    [InlineData("256")]
    public async Task Keys_are_of_1_to_255_visible_characters(string key)
    {
        await using var host = await GatewayHost.StartAsync();
        var given = key == "256" ? new string('k', 256) : key;
        (
            await host.PostAsync(new { prompt = "x" }, given).ShouldBeProblemAsync(ErrorCode.RequestInvalid)
        ).ShouldContain("Idempotency-Key");
        await host.PostAsync(new { prompt = "x" }, new('~', 255)).ShouldBeJobAsync(202);
    }

    /// <summary>The connection comes back by itself, a little later than the server.</summary>
    private static async Task UntilAnswersAsync(GatewayHost host)
    {
        while ((int)(await host.Client.GetAsync($"/v1/jobs/{SampleJobs.Id}", GatewayHost.Token)).StatusCode == 503)
        {
            await Task.Delay(50, GatewayHost.Token);
        }
    }
}
