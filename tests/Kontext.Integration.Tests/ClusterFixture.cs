namespace Kontext.Integration.Tests;

/// <summary>One usual cluster for tests that leave it as they found it.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    /// <summary>Steps of the edits: few, for most of these tests are about what lies between them.</summary>
    private const int Steps = 8;

    private Cluster? _cluster;
    private TinyEdits? _edits;

    internal Cluster Cluster => _cluster!;
    internal TinyEdits Edits => _edits!;

    public async ValueTask InitializeAsync()
    {
        _edits = new(Steps);
        _cluster = await Cluster.StartAsync();
        _cluster.Environment["Gateway__MaxOpenJobs"] = $"{MaxOpenJobs}";
        await _cluster.AddUsualAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _edits?.Dispose();
        if (_cluster is { } cluster)
        {
            await cluster.DisposeAsync();
        }
    }

    /// <summary>Jobs that may be open: more than any test needs but the one that goes past it.</summary>
    public const int MaxOpenJobs = 60;
}
