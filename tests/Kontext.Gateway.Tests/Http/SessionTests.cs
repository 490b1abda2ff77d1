using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;

namespace Kontext.Gateway.Tests.Http;

public sealed class SessionTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private readonly string _first = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => GatewayHost.Token;

    private JobSpec First =>
        SampleJobs.Spec(_first, count: 2, model: GatewayHost.TinyRef) with
        {
            Width = 64,
            Height = 64,
        };

    [Fact]
    public async Task The_next_turn_starts_from_its_parents_latents_and_knows_its_session()
    {
        await EndAsync(First);
        var second = await AcceptAsync(
            new
            {
                prompt = "x",
                parent = _first,
                parent_image = 1,
            }
        );
        second.Contexts.ShouldBe([new LatentContext(SampleJobs.Output(_first, 1).Latents, 4, 4)]);
        (second.Parent, second.Session).ShouldBe((_first, _first));

        await EndAsync(second);
        var third = await AcceptAsync(new { prompt = "y", parent = second.Id });
        third.Contexts.ShouldBe([new LatentContext(SampleJobs.Output(second.Id, 0).Latents, 4, 4)]);
        (third.Parent, third.Session).ShouldBe((second.Id, _first));

        var view = await GetAsync(third.Id);
        view.GetProperty("parent").GetString().ShouldBe(second.Id);
        view.GetProperty("session").GetString().ShouldBe(_first);
        view = await GetAsync(_first);
        view.TryGetProperty("parent", out _).ShouldBeFalse();
        view.GetProperty("session").GetString().ShouldBe(_first);
    }

    [Fact]
    public async Task Contexts_listed_as_well_begin_with_the_parents_image()
    {
        await EndAsync(First);
        object same = new { job = _first, image = 1 };
        object picture = new { image = Convert.ToBase64String(GatewayHost.Picture) };
        var accepted = await AcceptAsync(
            new
            {
                prompt = "x",
                parent = _first,
                parent_image = 1,
                context = new[] { same, picture },
            }
        );
        accepted.Contexts.Count.ShouldBe(2);
        accepted.Contexts[0].ShouldBeOfType<LatentContext>();
        accepted.Contexts[1].ShouldBeOfType<PixelContext>();

        foreach (var contradiction in new[] { [picture, same], new[] { picture }, [new { job = _first, image = 0 }] })
        {
            var body = new
            {
                prompt = "x",
                parent = _first,
                parent_image = 1,
                context = contradiction,
            };
            (await shared.Host.PostAsync(body).ShouldBeProblemAsync(ErrorCode.RequestInvalid)).ShouldContain(
                "'parent'"
            );
        }
    }

    [Fact]
    public async Task A_parent_is_a_job_of_ones_own_that_has_the_image()
    {
        await SubmitAsync(new { prompt = "x", parent = _first }).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await SubmitAsync(new { prompt = "x", parent = "short" }).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await SubmitAsync(new { prompt = "x", parent_image = 1 }).ShouldBeProblemAsync(ErrorCode.RequestInvalid);
        await EndAsync(First);
        await SubmitAsync(
                new
                {
                    prompt = "x",
                    parent = _first,
                    parent_image = 2,
                }
            )
            .ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        var foreign = SampleJobs.Spec(Guid.NewGuid().ToString("N"), tenant: "other", model: GatewayHost.TinyRef);
        await EndAsync(foreign);
        await SubmitAsync(new { prompt = "x", parent = foreign.Id }).ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    private async Task EndAsync(JobSpec spec)
    {
        var phases = Enumerable.Repeat(Done, 1 + (2 * spec.Count)).ToArray();
        await shared.Host.SaveAsync(SampleJobs.Record(spec, phases).End(JobOutcome.Succeeded));
        for (var i = 0; i < spec.Count; i++)
        {
            await shared.Host.Objects.PutAsync(SampleJobs.Output(spec.Id, i).Latents, new byte[8], "x/y", Token);
        }
    }

    private Task<HttpResponseMessage> SubmitAsync(object body) => shared.Host.PostAsync(body);

    private async Task<JobSpec> AcceptAsync(object body)
    {
        var job = await SubmitAsync(body).ShouldBeJobAsync(202);
        var spec = (await shared.Host.SentAsync<SubmitJob>()).Spec;
        spec.Id.ShouldBe(job.Id());
        return spec;
    }

    private Task<JsonElement> GetAsync(string id) =>
        shared.Host.Client.GetAsync($"/v1/jobs/{id}", Token).ShouldBeJobAsync(200);
}
