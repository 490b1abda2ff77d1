using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Jobs;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Tests.Http;

public sealed class PreferWaitTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;

    private GatewayHost Host => shared.Host;
    private static CancellationToken Token => GatewayHost.Token;

    [Theory]
    [InlineData("wait", 60)]
    [InlineData("wait=5", 5)]
    [InlineData("wait=\"5\"", 5)]
    [InlineData("respond-async, Wait=7", 7)]
    [InlineData("wait=3, wait=9", 3)]
    [InlineData("respond-async", null)]
    [InlineData("wait=soon", null)]
    [InlineData("wait=-1", null)]
    [InlineData("wait=99999999999", null)]
    [InlineData(";;=", null)]
    [InlineData("", null)]
    public void It_is_read_as_the_rfc_has_it(string header, int? seconds)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["Prefer"] = header;
        PreferWait.Of(context.Request, TimeSpan.FromMinutes(1))?.TotalSeconds.ShouldBe(seconds!.Value);
        PreferWait.Of(context.Request, TimeSpan.FromMinutes(1)).HasValue.ShouldBe(seconds.HasValue);
    }

    [Fact]
    public async Task Who_waits_is_answered_with_the_outcome()
    {
        var posting = PostAsync("wait=50");
        var spec = (await Host.SentAsync<SubmitJob>()).Spec;
        var record = await Host.SaveAsync(SampleJobs.Record(spec, Done, TaskPhase.Waiting, TaskPhase.Blocked));
        await Host.SaveAsync(
            SampleJobs.Record(spec, Done, Done, Done).End(JobOutcome.Succeeded) with
            {
                Version = record.Version + 1,
            }
        );
        using var answer = await posting;
        ((int)answer.StatusCode).ShouldBe(200);
        answer.Headers.GetValues("Preference-Applied").ShouldBe(["wait=50"]);
        var job = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        (job.Id(), job.Status()).ShouldBe((spec.Id, "succeeded"));
        job.GetProperty("images").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Who_has_waited_enough_is_answered_with_the_job_as_it_is()
    {
        using var answer = await PostAsync("wait=1");
        ((int)answer.StatusCode).ShouldBe(202);
        answer.Headers.GetValues("Preference-Applied").ShouldBe(["wait=1"]);
        var job = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        job.Status().ShouldBe("queued");
        answer.Headers.Location!.ToString().ShouldBe($"/v1/jobs/{job.Id()}");
        (await Host.SentAsync<SubmitJob>()).Spec.Id.ShouldBe(job.Id());
    }

    [Fact]
    public async Task Nobody_waits_longer_than_the_server_allows()
    {
        await using var host = await GatewayHost.StartAsync("Gateway:MaxWait", "00:00:01");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs")
        {
            Content = JsonContent.Create(new { prompt = "wait" }),
        };
        request.Headers.Add("Prefer", "wait=500");
        using var answer = await host.Client.SendAsync(request, Token);
        ((int)answer.StatusCode).ShouldBe(202);
        answer.Headers.GetValues("Preference-Applied").ShouldBe(["wait=1"]);
    }

    [Fact]
    public async Task Who_goes_while_waiting_cancels_nothing()
    {
        using var going = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var posting = PostAsync("wait=50", going.Token);
        var spec = (await Host.SentAsync<SubmitJob>()).Spec;
        await going.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => posting);
        await Host.SaveAsync(SampleJobs.Record(spec, Done, TaskPhase.Waiting, TaskPhase.Blocked));
        using var answer = await Host.Client.GetAsync($"/v1/jobs/{spec.Id}", Token);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).Status().ShouldBe("denoising");
        Host.Unheard.ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_stops_lets_who_waits_go()
    {
        var host = await GatewayHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs")
        {
            Content = JsonContent.Create(new { prompt = "wait" }),
        };
        request.Headers.Add("Prefer", "wait=50");
        var posting = host.Client.SendAsync(request, Token);
        await host.SentAsync<SubmitJob>();
        host.Get<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().StopApplication();
        using var answer = await posting;
        ((int)answer.StatusCode).ShouldBe(202);
        await host.DisposeAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(string prefer, CancellationToken? cancellationToken = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs")
        {
            Content = JsonContent.Create(new { prompt = "wait" }),
        };
        request.Headers.Add("Prefer", prefer);
        return await Host.Client.SendAsync(request, cancellationToken ?? Token);
    }
}
