using System.Text.Json;
using Kontext.Flux.Images;

namespace Kontext.Integration.Tests;

/// <summary>Every role in a process of its own, over real servers.</summary>
public sealed class ClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_edits_through_seven_processes_equal_those_made_in_one()
    {
        using var edits = new TinyEdits(steps: 8);
        await using var cluster = await Cluster.StartAsync();
        await cluster.AddUsualAsync();
        using var client = cluster.Client();

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.SubmitAsync(edits.Request(i), Token)));

        for (var i = 0; i < ids.Length; i++)
        {
            var job = await client.EndAsync(ids[i], Token);
            JobClient.StatusOf(job).ShouldBe("succeeded", job.ToString());
            ShouldBeSame(await client.ImageAsync(ids[i], 0, Token), edits.Expected(i), $"edit {i}");
        }
    }

    internal static void ShouldBeSame(RgbImage actual, RgbImage expected, string what)
    {
        (actual.Width, actual.Height).ShouldBe((expected.Width, expected.Height), what);
        actual.Pixels.AsSpan().SequenceEqual(expected.Pixels).ShouldBeTrue($"The picture of {what} differs.");
    }
}
