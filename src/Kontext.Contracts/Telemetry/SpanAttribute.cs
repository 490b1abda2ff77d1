namespace Kontext.Contracts.Telemetry;

/// <summary>
/// The attributes of spans: those of the OpenTelemetry conventions for errors, messaging and generative AI where they say it,
/// else <c>kontext.*</c>. Ids, sizes and counts; never a prompt, a picture or a secret.
/// </summary>
public static class SpanAttribute
{
    /// <summary>The job's id.</summary>
    public const string Job = "kontext.job.id";

    /// <summary>How the job ended: <c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public const string Outcome = "kontext.job.outcome";

    /// <summary>Device time of all its tasks, in milliseconds.</summary>
    public const string DeviceMs = "kontext.job.device_ms";

    /// <summary>Whose job it is.</summary>
    public const string Tenant = "kontext.tenant.id";

    /// <summary><c>encode</c>, <c>denoise</c> or <c>decode</c>.</summary>
    public const string Stage = "kontext.stage";

    /// <summary>Index of the sample.</summary>
    public const string Sample = "kontext.sample";

    /// <summary>Which time round, from 1.</summary>
    public const string Run = "kontext.run";

    /// <summary>Failures of the task so far that count.</summary>
    public const string Failures = "kontext.failures";

    /// <summary>Number of the claim.</summary>
    public const string Claim = "kontext.claim";

    /// <summary>Who holds it.</summary>
    public const string Worker = "kontext.worker.id";

    /// <summary>Kind of device.</summary>
    public const string Device = "kontext.device";

    /// <summary>How a run ended, see <see cref="Tasks.TaskResult"/>.</summary>
    public const string Result = "kontext.result";

    /// <summary>Digest of the model bundle.</summary>
    public const string ModelDigest = "kontext.model.digest";

    /// <summary>Width of the output in pixels.</summary>
    public const string Width = "kontext.width";

    /// <summary>Height of the output in pixels.</summary>
    public const string Height = "kontext.height";

    /// <summary>Size class of the output.</summary>
    public const string Size = "kontext.size_class";

    /// <summary>Denoising steps.</summary>
    public const string Steps = "kontext.steps";

    /// <summary>How urgent the job is.</summary>
    public const string Priority = "kontext.priority";

    /// <summary>Steps behind: of a step, of a checkpoint.</summary>
    public const string Step = "kontext.step";

    /// <summary>The step that a sample was resumed after.</summary>
    public const string ResumedAt = "kontext.resumed_at_step";

    /// <summary>Samples that took a step together.</summary>
    public const string BatchSize = "kontext.batch_size";

    /// <summary>How long a step took, in milliseconds.</summary>
    public const string StepMs = "kontext.step_ms";

    /// <summary><c>memory</c>, <c>hit</c> (in the shared cache) or <c>miss</c>.</summary>
    public const string CacheResult = "kontext.cache.result";

    /// <summary>Tensors looked up together.</summary>
    public const string Tensors = "kontext.tensors";

    /// <summary>Bytes moved.</summary>
    public const string Bytes = "kontext.bytes";

    /// <summary>The folder of an object: <c>inputs</c>, <c>outputs</c>, <c>pending</c> …</summary>
    public const string ObjectKind = "kontext.object.kind";

    /// <summary>What a filter was asked about: <c>prompt</c>, <c>input</c> or <c>output</c>.</summary>
    public const string FilterKind = "kontext.filter.kind";

    /// <summary>Whether the broker had delivered the message before.</summary>
    public const string Redelivered = "kontext.redelivered";

    /// <summary>Which attempt, from 1.</summary>
    public const string Attempt = "kontext.attempt";

    /// <summary>Name of an <see cref="ErrorCode"/>, or what came of a request to others.</summary>
    public const string ErrorType = "error.type";

    /// <summary>Status of an answer to a request of ours.</summary>
    public const string HttpStatus = "http.response.status_code";

    /// <summary>Whom a request of ours goes to.</summary>
    public const string ServerAddress = "server.address";

    /// <summary><c>rabbitmq</c>, or <c>in_memory</c> where everything runs in one process.</summary>
    public const string MessagingSystem = "messaging.system";

    /// <summary><c>send</c>, <c>receive</c> or <c>process</c>.</summary>
    public const string MessagingOperation = "messaging.operation.type";

    /// <summary>Name of the queue.</summary>
    public const string MessagingDestination = "messaging.destination.name";

    /// <summary>Unique to one message sent.</summary>
    public const string MessageId = "messaging.message.id";

    /// <summary>Always <c>generate_content</c>.</summary>
    public const string GenAiOperation = "gen_ai.operation.name";

    /// <summary>Always <c>kontext</c>.</summary>
    public const string GenAiProvider = "gen_ai.provider.name";

    /// <summary>Name of the model.</summary>
    public const string GenAiModel = "gen_ai.request.model";

    /// <summary>Always <c>image</c>.</summary>
    public const string GenAiOutput = "gen_ai.output.type";

    /// <summary>Samples of the job.</summary>
    public const string GenAiChoices = "gen_ai.request.choice.count";

    /// <summary>Seed of the first sample.</summary>
    public const string GenAiSeed = "gen_ai.request.seed";
}
