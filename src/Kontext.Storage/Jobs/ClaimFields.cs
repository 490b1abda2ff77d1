using Kontext.Contracts.Tasks;
using StackExchange.Redis;

namespace Kontext.Storage.Jobs;

/// <summary>Reads the hash of a job's claims; its fields are listed at <see cref="ClaimScripts"/>.</summary>
internal static class ClaimFields
{
    /// <summary>The claims in a hash.</summary>
    /// <param name="now">Redis's clock, microseconds.</param>
    /// <param name="pairs">Fields and values in turn.</param>
    public static Dictionary<TaskId, Claim> Read(long now, RedisValue[] pairs)
    {
        var tasks = new Dictionary<string, Dictionary<string, RedisValue>>();
        foreach (var pair in pairs.Chunk(2))
        {
            var name = ((string)pair[0]!).Split(':');
            if (!tasks.TryGetValue(name[0], out var fields))
            {
                tasks.Add(name[0], fields = []);
            }
            fields[name[1]] = pair[1];
        }
        return tasks.ToDictionary(task => TaskId.Parse(task.Key), task => Read(now, task.Value));
    }

    private static Claim Read(long now, Dictionary<string, RedisValue> fields)
    {
        var lease = (long)fields["l"];
        return new()
        {
            Number = (long)fields["n"],
            Run = (int)fields["r"],
            Worker = fields["w"]!,
            LeaseUntil = DateTimeOffset.UnixEpoch.AddMicroseconds(lease),
            Live = lease > now,
            Step = (int)fields["t"],
            Deaths = (int)fields["x"],
            Checkpoint = Claims.CheckpointOf(fields.GetValueOrDefault("c")),
            Report = Claims.ReportOf(fields.GetValueOrDefault("f")),
        };
    }
}
