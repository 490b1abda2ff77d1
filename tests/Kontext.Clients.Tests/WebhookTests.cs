namespace Kontext.Clients.Tests;

/// <summary>Webhooks verified by the library of Standard Webhooks, against a server with kontext-tiny.</summary>
public sealed class WebhookTests(ServedModel server, NodeClients clients) : IClassFixture<NodeClients>
{
    [Fact]
    public async Task A_receiver_that_fails_five_times_accepts_one_delivery_that_verifies()
    {
        var seen = await clients.RunAsync("webhooks.mjs", server.Url, TestContext.Current.CancellationToken);

        var job = seen.GetProperty("job").GetProperty("id").GetString();
        seen.GetProperty("refused").EnumerateArray().ShouldBeEmpty(seen.GetRawText());
        var accepted = seen.GetProperty("accepted").EnumerateArray().ShouldHaveSingleItem();
        accepted.GetProperty("type").GetString().ShouldBe("job.succeeded");
        accepted.GetProperty("data").GetProperty("id").GetString().ShouldBe(job);
        var ids = seen.GetProperty("ids").EnumerateArray().Select(id => id.GetString()).ToList();
        ids.ShouldBe(Enumerable.Repeat($"msg_{job}", 6));
    }
}
