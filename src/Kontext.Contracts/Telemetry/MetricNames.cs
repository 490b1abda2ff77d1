namespace Kontext.Contracts.Telemetry;

/// <summary>The name of every metric of this program. What each counts, its unit and its labels: docs/metrics.md.</summary>
public static class MetricNames
{
    /// <summary>Jobs that a gateway accepted.</summary>
    public const string JobsAccepted = "kontext.jobs.accepted";

    /// <summary>Jobs that a gateway refused.</summary>
    public const string JobsRefused = "kontext.jobs.refused";

    /// <summary>Jobs whose outcome is decided.</summary>
    public const string JobsEnded = "kontext.jobs.ended";

    /// <summary>Jobs that have not ended.</summary>
    public const string JobsOpen = "kontext.jobs.open";

    /// <summary>From the acceptance of a job to its success.</summary>
    public const string JobDuration = "kontext.job.duration";

    /// <summary>How far off the end of a job was foretold.</summary>
    public const string JobEtaError = "kontext.job.eta_error";

    /// <summary>Device time that tenants are charged.</summary>
    public const string JobDeviceTime = "kontext.job.device_time";

    /// <summary>Ended jobs of a tenant.</summary>
    public const string TenantJobs = "kontext.tenant.jobs";

    /// <summary>Images of a tenant.</summary>
    public const string TenantImages = "kontext.tenant.images";

    /// <summary>How long a task waits before a worker begins it.</summary>
    public const string QueueWait = "kontext.queue.wait";

    /// <summary>Tasks that are done again.</summary>
    public const string TaskRetries = "kontext.task.retries";

    /// <summary>Jobs that count for the objective.</summary>
    public const string SloJobs = "kontext.slo.jobs";

    /// <summary>Those of them that were within it.</summary>
    public const string SloJobsGood = "kontext.slo.jobs.good";

    /// <summary>Attempts to tell of a job's end.</summary>
    public const string WebhookAttempts = "kontext.webhook.attempts";

    /// <summary>Terms that a leader opened.</summary>
    public const string LeaderTerms = "kontext.leader.terms";

    /// <summary>Predicted device time of a lane's work.</summary>
    public const string LaneBacklog = "kontext.lane.backlog";

    /// <summary>Tasks of a lane.</summary>
    public const string LaneDepth = "kontext.lane.depth";

    /// <summary>How long the first of a lane's waiting tasks has waited.</summary>
    public const string LaneOldestWait = "kontext.lane.oldest_wait";

    /// <summary>Live workers of a lane.</summary>
    public const string LaneWorkers = "kontext.lane.workers";

    /// <summary>Live workers.</summary>
    public const string Workers = "kontext.workers";

    /// <summary>From the claim on a task to its end.</summary>
    public const string StageDuration = "kontext.stage.duration";

    /// <summary>Tasks that failed on a worker.</summary>
    public const string StageFailures = "kontext.stage.failures";

    /// <summary>Claims that another worker has taken over.</summary>
    public const string ClaimsLost = "kontext.claims.lost";

    /// <summary>Checkpoints of samples.</summary>
    public const string Checkpoints = "kontext.checkpoints";

    /// <summary>Samples in a step of the engine.</summary>
    public const string EngineBatchSize = "kontext.engine.batch_size";

    /// <summary>The same as a share of those that the engine has.</summary>
    public const string EngineOccupancy = "kontext.engine.occupancy";

    /// <summary>Samples that share a step, as a worker has learned.</summary>
    public const string EngineLearnedBatch = "kontext.engine.learned_batch";

    /// <summary>How long a step takes.</summary>
    public const string EngineStepDuration = "kontext.engine.step.duration";

    /// <summary>Time in which the device has computed.</summary>
    public const string DeviceBusy = "kontext.device.busy";

    /// <summary>Whether the worker has taken its device out.</summary>
    public const string DeviceSick = "kontext.device.sick";

    /// <summary>Tasks that a worker takes at a time.</summary>
    public const string WorkerSlots = "kontext.worker.slots";

    /// <summary>Tasks that a worker has.</summary>
    public const string WorkerRunning = "kontext.worker.running";

    /// <summary>Looks into the tensor cache.</summary>
    public const string CacheRequests = "kontext.cache.requests";

    /// <summary>Bytes to and from Redis and the object store.</summary>
    public const string StoreIo = "kontext.store.io";

    /// <summary>Messages that nobody could read.</summary>
    public const string MessagesDead = "kontext.messages.dead";
}
