using Kontext.Storage.Jobs;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Jobs.Lists;

/// <summary>Lists jobs of a tenant.</summary>
internal sealed class JobList(JobLists lists, JobReader reader, JobViews views)
{
    /// <summary>
    /// Jobs looked at for one answer. A filter that few jobs pass must not read all of them: the answer is then short, and goes
    /// on by its cursor.
    /// </summary>
    public const int MostLookedAt = 500;

    /// <summary>Jobs looked at side by side.</summary>
    private const int Batch = 25;

    /// <summary>What a query asks for.</summary>
    public async Task<JobListView> ReadAsync(
        string tenant,
        JobListQuery query,
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        var found = new List<JobView>(query.Limit);
        var place = query.After;
        for (var lookedAt = 0; lookedAt < MostLookedAt; )
        {
            var count = Math.Min(Batch, MostLookedAt - lookedAt);
            var places = await lists.NewestAsync(tenant, place, query.CreatedAfter, count, cancellationToken);
            var seen = await Task.WhenAll(
                places.Select(listed => ViewAsync(tenant, listed.Id, query, request, cancellationToken))
            );
            for (var i = 0; i < seen.Length; i++)
            {
                place = places[i];
                if (seen[i] is { } view)
                {
                    found.Add(view);
                    if (found.Count == query.Limit)
                    {
                        var isLast = i == seen.Length - 1 && places.Count < count;
                        return new(found, isLast ? null : JobCursor.Of(places[i]));
                    }
                }
            }
            if (places.Count < count)
            {
                return new(found, NextCursor: null);
            }
            lookedAt += places.Count;
        }
        return new(found, place is { } last ? JobCursor.Of(last) : null);
    }

    /// <summary>A job if it is asked for; null also if it is there no more.</summary>
    private async Task<JobView?> ViewAsync(
        string tenant,
        string id,
        JobListQuery query,
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        if (
            await reader.FindAsync(tenant, id, cancellationToken) is not { } job
            || (query.Model is { } model && job.Spec.Model.Name != model)
            || (query.Session is { } session && JobViews.Session(job.Spec) != session)
        )
        {
            return null;
        }
        var view = await views.OfAsync(job, request, cancellationToken);
        return query.Status is { } status && view.Status != status ? null : view;
    }
}
