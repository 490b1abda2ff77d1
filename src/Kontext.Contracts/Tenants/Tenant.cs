using System.Text.Json.Serialization;
using Kontext.Contracts.Jobs;

namespace Kontext.Contracts.Tenants;

/// <summary>
/// A customer of the interface: who it is, what it may do and how much of it. Stored as <c>tenants/{id}.json</c>; what is null
/// is not limited.
/// </summary>
public sealed record Tenant
{
    /// <summary>The tenant of requests without a key, as long as no tenant has been created.</summary>
    public const string Default = "default";

    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;

    /// <summary>Its id, see <see cref="TenantIds"/>; jobs carry it, and it never changes.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Its share of the devices where tenants compete, relative to others' weights.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Requests a minute, of any kind.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Jobs that may wait at a time, of which nothing has been released yet.</summary>
    public int? MaxWaiting { get; init; }

    /// <summary>Jobs that may run at a time.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>Device time a day (UTC), in milliseconds.</summary>
    public long? DailyBudgetMs { get; init; }

    /// <summary>Names of the models it may use.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The priorities it may ask for.</summary>
    public IReadOnlyList<Priority>? Priorities { get; init; }

    /// <summary>Days that its jobs and images are kept after they have ended.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>What its webhooks are signed with: <c>whsec_</c> and base64, as Standard Webhooks has it.</summary>
    public required string WebhookSecret { get; init; }

    /// <summary>Whether it may see the cluster and the shares of others.</summary>
    public bool IsOperator { get; init; }

    /// <summary>Whether its keys are refused for now. What it has been promised is still done.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its keys, the newest last.</summary>
    public required IReadOnlyList<ApiKey> Keys { get; init; }

    /// <summary>Whether it may use a model.</summary>
    public bool Allows(ModelRef model) => Models?.Contains(model.Name, StringComparer.Ordinal) != false;

    /// <summary>Whether it may ask for a priority.</summary>
    public bool Allows(Priority priority) => Priorities?.Contains(priority) != false;
}
