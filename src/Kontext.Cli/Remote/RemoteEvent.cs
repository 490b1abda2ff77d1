using System.Net.ServerSentEvents;
using System.Text.Json;
using Kontext.Gateway;
using Kontext.Gateway.Jobs;

namespace Kontext.Cli.Remote;

/// <summary>One event of a job.</summary>
/// <param name="Id">Its id, where it has one.</param>
/// <param name="Status">The job as it is now.</param>
/// <param name="Step">A step that was taken.</param>
internal sealed record RemoteEvent(string? Id, JobView? Status, StepView? Step)
{
    /// <summary>The event of an item of the stream; null for a kind that this version does not know.</summary>
    public static RemoteEvent? Of(SseItem<string> item) =>
        item.EventType switch
        {
            "status" => new(item.EventId, JsonSerializer.Deserialize(item.Data, GatewayJson.Default.JobView), null),
            "progress" => new(null, null, JsonSerializer.Deserialize(item.Data, GatewayJson.Default.StepView)),
            _ => null,
        };
}
