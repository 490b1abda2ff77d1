using Kontext.Contracts.Jobs;
using StackExchange.Redis;

namespace Kontext.Storage.Redis;

/// <summary>The name of every key and channel in Redis. What lies under them: docs/storage.md.</summary>
internal static class RedisKeys
{
    /// <summary>String: the epoch of the term.</summary>
    public const string Term = "kontext:term";

    /// <summary>Set: ids of jobs that have a record and have not ended.</summary>
    public const string Open = "kontext:open";

    /// <summary>Sorted set: id and tenant of jobs that were counted in and have no record yet, by when.</summary>
    public const string Reserved = "kontext:reserved";

    /// <summary>Hash: profile of each worker, behind the time until which it holds.</summary>
    public const string Workers = "kontext:workers";

    /// <summary>String: JSON of what the leader shows of its work.</summary>
    public const string Board = "kontext:board";

    /// <summary>Hash: of each open job, how many are ahead and when it is expected to end.</summary>
    public const string Estimates = "kontext:estimates";

    /// <summary>Channel: ids of jobs whose outcome has been decided.</summary>
    public const string Ended = "kontext:ended";

    /// <summary>Hash: what work of each kind has cost.</summary>
    public const string Costs = "kontext:costs";

    /// <summary>Set: tenants that have a list of jobs.</summary>
    public const string Listed = "kontext:listed";

    /// <summary>String: there while the lists of jobs are whole.</summary>
    public const string ListsWhole = "kontext:lists-whole";

    /// <summary>Sorted set: ids of jobs that were purged of late, by when.</summary>
    public const string Purged = "kontext:purged";

    /// <summary>String: what <c>kontext doctor</c> wrote to see whether it may.</summary>
    public static RedisKey Checkup(string id) => $"kontext:checkup:{id}";

    /// <summary>Sorted set: all jobs of a tenant, by when they were accepted.</summary>
    public static RedisKey Jobs(string tenant) => $"kontext:jobs:{tenant}";

    /// <summary>Hash: version, phase and JSON of a job.</summary>
    public static RedisKey Job(string job) => $"kontext:job:{job}";

    /// <summary>Hash: the claims on the tasks of a job.</summary>
    public static RedisKey Claims(string job) => $"kontext:claims:{job}";

    /// <summary>Sorted set: jobs of a model of which nothing has been released, in their order.</summary>
    public static RedisKey Waiting(ModelRef model) => $"kontext:waiting:{model.Short}";

    /// <summary>String: digest of the body that first used an id.</summary>
    public static RedisKey Body(string job) => $"kontext:body:{job}";

    /// <summary>Set: a tenant's jobs of which nothing has been released, the counted in included.</summary>
    public static RedisKey WaitingOf(string tenant) => $"kontext:tenant:{tenant}:waiting";

    /// <summary>Hash: device time that is held of a tenant's budget for each of its open jobs, and in sum.</summary>
    public static RedisKey Held(string tenant) => $"kontext:tenant:{tenant}:held";

    /// <summary>String: when all requests that a tenant may send a minute have come back.</summary>
    public static RedisKey Rate(string tenant) => $"kontext:tenant:{tenant}:rate";

    /// <summary>Hash: device time and images of each tenant on a day.</summary>
    public static RedisKey Usage(DateOnly day) => $"kontext:usage:{day:yyyy-MM-dd}";

    /// <summary>Channel: what happens to a job.</summary>
    public static string Signals(string job) => $"kontext:signals:{job}";

    /// <summary>String: envelope of a tensor.</summary>
    public static RedisKey Tensor(string key) => $"kontext:tensor:{key}";

    /// <summary>String: part of a tensor's elements.</summary>
    public static RedisKey Chunk(string key, string put, int index) => $"kontext:tensor:{key}:{put}:{index}";

    /// <summary>String: who makes the tensors of a key.</summary>
    public static RedisKey Making(string key) => $"kontext:making:{key}";
}
