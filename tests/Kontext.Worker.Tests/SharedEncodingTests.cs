using Kontext.Contracts.Tasks;

namespace Kontext.Worker.Tests;

/// <summary>Several encode workers of one cluster, on a real broker and a real Redis, that are asked for the same.</summary>
public sealed class SharedEncodingTests(TinyModel model, OwnBroker broker)
    : IClassFixture<TinyModel>,
        IClassFixture<OwnBroker>,
        IAsyncLifetime
{
    private const int Workers = 3;
    private const int Jobs = 100;

    private readonly List<WorkerHost> _workers = [];
    private TestCluster _cluster = null!;

    private int Pictures => _workers.Sum(worker => worker.Model.Contexts);

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.OnRedisAsync(model, broker.Server.ConnectionString);
        for (var i = 0; i < Workers; i++)
        {
            _workers.Add(await _cluster.StartWorkerAsync(options => options with { Stages = [Stage.Encode] }));
        }
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task One_picture_of_a_hundred_jobs_at_once_is_encoded_once()
    {
        var tasks = new List<StageTask>();
        for (var i = 0; i < Jobs; i++)
        {
            tasks.Add(TestCluster.Encode(await _cluster.OpenJobAsync($"make the background pink, {i}")));
        }
        await Task.WhenAll(tasks.Select(_workers[0].SendAsync));
        var reports = await Task.WhenAll(tasks.Select(_cluster.Reports.NextAsync));

        reports.ShouldAllBe(report => report.Result == TaskResult.Succeeded);
        reports.Select(report => report.Worker).Distinct().Count().ShouldBe(Workers, "all of them worked");
        reports.Select(report => ((EncodeOutput)report.Output!).Contexts[0]).Distinct().ShouldHaveSingleItem();
        Pictures.ShouldBe(1);
        _workers.Sum(worker => worker.Model.Prompts).ShouldBe(Jobs);
    }
}
