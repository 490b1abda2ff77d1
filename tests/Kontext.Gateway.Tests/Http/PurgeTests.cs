using System.Net;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tensors;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Tensors;

namespace Kontext.Gateway.Tests.Http;

public sealed class PurgeTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private readonly string _id = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => GatewayHost.Token;

    private GatewayHost Host => shared.Host;

    [Fact]
    public async Task Nothing_is_left_of_a_job_that_was_purged_and_every_route_is_404()
    {
        var record = await EndAsync();
        var tensors = Host.Get<SharedTensors>();
        (await tensors.GetAsync(Key("text"), Token)).ShouldNotBeNull();
        (await NamesAsync()).Length.ShouldBe(6);

        using var answer = await PurgeAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await NamesAsync()).ShouldBeEmpty();
        foreach (var key in new[] { "text", "pooled", "context" })
        {
            (await tensors.GetAsync(Key(key), Token)).ShouldBeNull();
        }
        foreach (var path in new[] { "", "/images/0", "/events" })
        {
            await Host.Client.GetAsync($"/v1/jobs/{_id}{path}", Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        }
        await Host.Client.DeleteAsync($"/v1/jobs/{_id}", Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await PurgeAsync().ShouldBeProblemAsync(ErrorCode.JobNotFound);
        var list = await Host.Client.GetStringAsync($"/v1/jobs?session={_id}", Token);
        list.ShouldNotContain(_id);
        await Host.PostAsync(new { prompt = "x", parent = _id }).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        // A submit that was on its way for long does not begin the job again.
        var again = SampleJobs.Record(record.Spec, TaskPhase.Waiting, TaskPhase.Blocked, TaskPhase.Blocked);
        (await Host.Get<JobRecords>().SaveAsync(await Host.EpochAsync(), again, 0, Token)).ShouldBe(
            SaveResult.Conflict
        );
    }

    [Fact]
    public async Task What_does_not_belong_to_the_job_stays()
    {
        await EndAsync();
        var other = Guid.NewGuid().ToString("N");
        string[] names = [ObjectNames.Input(other, 0), ObjectNames.Image(other, 0, 1, "png"), ObjectNames.Job(other)];
        foreach (var name in names)
        {
            await Host.Objects.PutAsync(name, new byte[4], "x/y", Token);
        }
        (await PurgeAsync()).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        foreach (var name in names)
        {
            (await Host.Objects.ExistsAsync(name, Token)).ShouldBeTrue(name);
        }
    }

    [Fact]
    public async Task An_open_job_has_to_be_cancelled_first()
    {
        await Host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(_id), Done, TaskPhase.Released, TaskPhase.Blocked));
        await PurgeAsync().ShouldBeProblemAsync(ErrorCode.JobOpen);
        (await Host.Client.GetAsync($"/v1/jobs/{_id}", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Host.Unheard.ShouldBe(0);
    }

    [Fact]
    public async Task Of_another_tenant_nothing_is_removed()
    {
        await EndAsync(tenant: "other");
        await PurgeAsync().ShouldBeProblemAsync(ErrorCode.JobNotFound);
        (await NamesAsync()).Length.ShouldBe(6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task What_was_cut_off_is_finished_by_doing_it_again(int removed)
    {
        await EndAsync();
        Host.Objects.FailDeletesAfter(removed);
        await PurgeAsync().ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        Host.Objects.FailDeletesAfter(null);
        (await Host.Client.GetAsync($"/v1/jobs/{_id}", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PurgeAsync()).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await NamesAsync()).ShouldBeEmpty();
        await PurgeAsync().ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    [Fact]
    public async Task The_idempotency_key_of_a_purged_job_is_free_again()
    {
        var key = Guid.NewGuid().ToString();
        var first = await Host.PostAsync(
                new
                {
                    prompt = "x",
                    width = 64,
                    height = 64,
                },
                key
            )
            .ShouldBeJobAsync(202);
        var spec = (await Host.SentAsync<SubmitJob>()).Spec;
        await Host.SaveAsync(SampleJobs.Record(spec, Done, Done, Done).End(JobOutcome.Succeeded));
        (await Host.Client.DeleteAsync($"/v1/jobs/{spec.Id}?purge=true", Token)).StatusCode.ShouldBe(
            HttpStatusCode.NoContent
        );
        var second = await Host.PostAsync(
                new
                {
                    prompt = "another",
                    width = 64,
                    height = 64,
                },
                key
            )
            .ShouldBeJobAsync(202);
        (second.Id(), second.Status()).ShouldBe((first.Id(), "queued"));
        spec = (await Host.SentAsync<SubmitJob>()).Spec;
        spec.Prompt.ShouldBe("another");
        await Host.SaveAsync(SampleJobs.Record(spec, TaskPhase.Waiting, TaskPhase.Blocked, TaskPhase.Blocked));
    }

    [Theory]
    [InlineData("purge=yes")]
    [InlineData("purge=")]
    [InlineData("purge=true&purge=true")]
    public async Task Purge_is_true_or_false(string query)
    {
        await EndAsync();
        await Host.Client.DeleteAsync($"/v1/jobs/{_id}?{query}", Token).ShouldBeProblemAsync(ErrorCode.RequestInvalid);
        (await Host.Client.DeleteAsync($"/v1/jobs/{_id}?purge=false", Token)).StatusCode.ShouldBe(
            HttpStatusCode.Accepted
        );
        (await NamesAsync()).Length.ShouldBe(6);
    }

    [Fact]
    public async Task What_a_worker_wrote_late_is_removed_later()
    {
        await EndAsync();
        await PurgeAsync();
        await Host.Objects.PutAsync(ObjectNames.Latents(_id, 0, 9), new byte[4], "x/y", Token);
        var records = Host.Get<JobRecords>();
        (await records.PurgedAsync(JobPurge.LateWrites, 100, Token)).ShouldNotContain(_id);
        (await records.PurgedAsync(TimeSpan.Zero, 100_000, Token)).ShouldContain(_id);
    }

    private Task<HttpResponseMessage> PurgeAsync() => Host.Client.DeleteAsync($"/v1/jobs/{_id}?purge=true", Token);

    private async Task<JobRecord> EndAsync(string tenant = "default")
    {
        var output = new DecodeOutput(ObjectNames.Image(_id, 0, 1, "png"), ObjectNames.Latents(_id, 0, 1), 4);
        var record = SampleJobs
            .Record(SampleJobs.Spec(_id, tenant: tenant), Done, Done, Done)
            .End(JobOutcome.Succeeded);
        record = record with
        {
            Encode = record.Encode with
            {
                Output = new EncodeOutput(Key("text"), Key("pooled"), null, null, [Key("context")]),
            },
            Samples = [record.Samples[0] with { Decode = record.Samples[0].Decode with { Output = output } }],
        };
        await Host.SaveAsync(record);
        foreach (var key in new[] { "text", "pooled", "context" })
        {
            await Host.Get<SharedTensors>().PutAsync(Key(key), HostTensor.Zeros(DType.F32, [2]), "x", Token);
        }
        string[] names =
        [
            output.Image,
            output.Latents,
            // Of a run that did not count.
            ObjectNames.Image(_id, 0, 2, "png"),
            ObjectNames.Input(_id, 0),
            ObjectNames.Pending(_id),
        ];
        foreach (var name in names)
        {
            await Host.Objects.PutAsync(name, new byte[4], "x/y", Token);
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(record, WireJson.Default.JobRecord);
        await Host.Objects.PutAsync(ObjectNames.Job(_id), json, "application/json", Token);
        return record;
    }

    private string Key(string name) => $"{_id}-{name}";

    private async Task<string[]> NamesAsync() =>
        [
            .. (await Host.Objects.ListAsync("", Token).ToListAsync(Token)).Where(name =>
                name.Contains(_id, StringComparison.Ordinal)
            ),
        ];
}
