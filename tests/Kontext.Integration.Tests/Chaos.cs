using System.Collections.Concurrent;
using Kontext.Servers;

namespace Kontext.Integration.Tests;

/// <summary>
/// Edits go in while things are broken; in the end every accepted one must have ended once, succeeded, with the right picture.
/// </summary>
internal sealed class Chaos(Cluster cluster, TinyEdits edits, ITestOutputHelper output)
{
    private readonly ConcurrentDictionary<string, int> _accepted = new();

    /// <summary>Processes that have died so far, killed or by themselves at a commit point.</summary>
    public int Deaths { get; private set; }

    /// <summary>
    /// Submits edits, <paramref name="pause"/> apart, at least <paramref name="jobs"/> and until <paramref name="breaking"/> is done,
    /// and waits for all of them.
    /// </summary>
    public async Task RunAsync(
        string what,
        int jobs,
        TimeSpan pause,
        Func<SaveHistory, Task> breaking,
        CancellationToken cancellationToken
    )
    {
        await using var history = await SaveHistory.StartAsync(cluster.Redis);
        using var client = cluster.Client();
        var broken = breaking(history);
        for (var i = 0; i < jobs || !broken.IsCompleted; i++)
        {
            _accepted[await client.SubmitAsync(edits.Request(i), cancellationToken)] = i;
            await Task.Delay(pause, cancellationToken);
        }
        await broken;
        await ReviveAsync();

        var (wrong, changed, unsuccessful) = (0, 0, new List<string>());
        foreach (var (id, index) in _accepted)
        {
            var job = await client.EndAsync(id, cancellationToken);
            if (JobClient.StatusOf(job) != "succeeded")
            {
                unsuccessful.Add(job.ToString());
                continue;
            }
            var image = await client.ImageAsync(id, 0, cancellationToken);
            wrong += image.Pixels.AsSpan().SequenceEqual(edits.Expected(index).Pixels) ? 0 : 1;
            var again = await client.EndAsync(id, cancellationToken);
            changed += JobClient.StatusOf(again) == JobClient.StatusOf(job) ? 0 : 1;
        }
        var twice = history.EndedTwice + changed;
        output.WriteLine(
            $"{what}: {_accepted.Count} accepted, {Deaths} deaths, {history.Saves} saves; 0 lost, "
                + $"{unsuccessful.Count} unsuccessful, {twice} ended twice, {wrong} wrong images, "
                + $"{history.DeposedWrites} deposed writes accepted"
        );
        unsuccessful.ShouldBeEmpty();
        (twice, wrong, history.DeposedWrites).ShouldBe((0, 0, 0));
    }

    /// <summary>Kills a process, whichever, and starts it again.</summary>
    public async Task KillAsync(KontextServer process)
    {
        await process.KillAsync();
        Deaths++;
        await process.StartAsync();
    }

    /// <summary>Starts what has died by itself.</summary>
    public async Task ReviveAsync()
    {
        foreach (var process in cluster.Processes)
        {
            Deaths += await process.ReviveAsync() ? 1 : 0;
        }
    }
}
