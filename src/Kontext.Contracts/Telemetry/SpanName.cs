using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Telemetry;

/// <summary>The names of all spans, as <c>docs/traces.md</c> lists them. Few and fixed: what varies is in attributes.</summary>
public static class SpanName
{
    /// <summary>A request becomes a job, or is refused.</summary>
    public const string Accept = "kontext.accept";

    /// <summary>The contexts of a request are fetched, decoded and settled.</summary>
    public const string Contexts = "kontext.contexts";

    /// <summary>Limits are asked whether the job may be, and count it in.</summary>
    public const string Admission = "kontext.admission";

    /// <summary>A content filter is asked.</summary>
    public const string Filter = "kontext.filter";

    /// <summary>The leader is told of a job.</summary>
    public const string Submit = "kontext.submit";

    /// <summary>From telling the leader of a job until it has saved it.</summary>
    public const string SubmitWait = "kontext.submit.wait";

    /// <summary>The whole job, from its acceptance to its terminal record.</summary>
    public const string Job = "kontext.job";

    /// <summary>A task waits for room at the workers.</summary>
    public const string QueueWait = "kontext.queue.wait";

    /// <summary>A task waits because a run of it failed.</summary>
    public const string RetryWait = "kontext.retry.wait";

    /// <summary>A task is on its way to a worker: sent, in its lane, claimed.</summary>
    public const string LaneWait = "kontext.lane.wait";

    /// <summary>Somebody held a task and died.</summary>
    public const string ClaimLost = "kontext.claim.lost";

    /// <summary>One run of the encode task.</summary>
    public const string Encode = "kontext.encode";

    /// <summary>A prompt to conditioning.</summary>
    public const string EncodePrompt = "kontext.encode.prompt";

    /// <summary>A picture to context latents.</summary>
    public const string EncodeContext = "kontext.encode.context";

    /// <summary>One run of a denoise task.</summary>
    public const string Denoise = "kontext.denoise";

    /// <summary>What a sample is made from is brought together.</summary>
    public const string DenoiseInputs = "kontext.denoise.inputs";

    /// <summary>A sample is begun from noise or from its checkpoint.</summary>
    public const string DenoiseStart = "kontext.denoise.start";

    /// <summary>The steps of a sample, each an event.</summary>
    public const string DenoiseSteps = "kontext.denoise.steps";

    /// <summary>Steps that several samples took together.</summary>
    public const string DenoiseBatch = "kontext.denoise.batch";

    /// <summary>A checkpoint is written.</summary>
    public const string Checkpoint = "kontext.checkpoint";

    /// <summary>One run of a decode task.</summary>
    public const string Decode = "kontext.decode";

    /// <summary>Work waits for its turn on the device.</summary>
    public const string DeviceWait = "kontext.device.wait";

    /// <summary>The device computes.</summary>
    public const string Compute = "kontext.compute";

    /// <summary>A picture's file is decoded.</summary>
    public const string ImageDecode = "kontext.image.decode";

    /// <summary>A picture's file is made.</summary>
    public const string ImageEncode = "kontext.image.encode";

    /// <summary>Tensors are looked up in the cache, and fetched where they are there.</summary>
    public const string CacheLookup = "kontext.cache.lookup";

    /// <summary>Until tensors that were not there are, because another has made them, or it is here that they are made.</summary>
    public const string CacheWait = "kontext.cache.wait";

    /// <summary>A tensor is stored in the cache.</summary>
    public const string TensorPut = "kontext.tensor.put";

    /// <summary>An object is fetched from the object store.</summary>
    public const string ObjectGet = "kontext.object.get";

    /// <summary>An object is stored in the object store.</summary>
    public const string ObjectPut = "kontext.object.put";

    /// <summary>The end of a run is recorded and told.</summary>
    public const string Report = "kontext.report";

    /// <summary>From the end of a run until the leader has saved what follows from it.</summary>
    public const string ReportWait = "kontext.report.wait";

    /// <summary>From the decision on a job's outcome until its terminal record is stored.</summary>
    public const string Finish = "kontext.finish";

    /// <summary>One attempt to tell a receiver of a job's end.</summary>
    public const string Webhook = "kontext.webhook";

    /// <summary>The event of one step, in <see cref="DenoiseSteps"/>.</summary>
    public const string StepEvent = "kontext.step";

    /// <summary>The span of a run of a task.</summary>
    public static string Of(Stage stage) =>
        stage switch
        {
            Stage.Encode => Encode,
            Stage.Denoise => Denoise,
            _ => Decode,
        };
}
