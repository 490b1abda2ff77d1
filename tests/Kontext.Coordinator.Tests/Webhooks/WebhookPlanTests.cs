using System.Net;
using Kontext.Contracts.Jobs;
using Kontext.Coordinator.Webhooks;

namespace Kontext.Coordinator.Tests.Webhooks;

public sealed class WebhookPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)];
    private static readonly WebhookDue First = new()
    {
        Job = "a",
        Tenant = "default",
        Receiver = "example.org",
    };

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(299)]
    [InlineData(410)]
    public void What_is_taken_or_declined_is_over(int status) => Next(First, Answer(status)).ShouldBeNull();

    [Theory]
    [InlineData(101)]
    [InlineData(301)]
    [InlineData(404)]
    [InlineData(500)]
    public void Everything_else_is_tried_again(int status)
    {
        var next = Next(First, Answer(status)).ShouldNotBeNull();
        (next.Attempts, next.DueAt, next.LastAnswer).ShouldBe((1, Now + Pauses[0], $"{status}"));
        next = Next(next, new("no answer")).ShouldNotBeNull();
        (next.Attempts, next.DueAt, next.LastAnswer).ShouldBe((2, Now + Pauses[1], "no answer"));
        Next(next, Answer(status)).ShouldBeNull();
    }

    [Fact]
    public void Pauses_are_up_to_a_fifth_longer() =>
        Next(First, Answer(500), random: 1)!.DueAt.ShouldBe(Now + TimeSpan.FromSeconds(6));

    [Theory]
    [InlineData(1, 5)] // Shorter than the schedule says.
    [InlineData(-60, 5)] // A date that is over.
    [InlineData(120, 120)]
    [InlineData(1e8, 86_400)]
    public void A_receiver_may_ask_for_a_longer_pause_of_up_to_a_day(double asked, double seconds) =>
        Next(First, Answer(503) with { RetryAfter = TimeSpan.FromSeconds(asked) })!
            .DueAt.ShouldBe(Now + TimeSpan.FromSeconds(seconds));

    private static WebhookAnswer Answer(int status) => new($"{status}", (HttpStatusCode)status);

    private static WebhookDue? Next(WebhookDue due, WebhookAnswer answer, double random = 0) =>
        WebhookPlan.Next(due, answer, Pauses, Now, random);
}
