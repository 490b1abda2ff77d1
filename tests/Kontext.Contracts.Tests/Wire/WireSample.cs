using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Contracts.Workers;

namespace Kontext.Contracts.Tests.Wire;

/// <summary>A value whose wire form a golden file holds.</summary>
/// <param name="Name">Name of the file in <c>Golden/</c>, without its ending.</param>
/// <param name="Value">The value.</param>
internal sealed record WireSample(string Name, object Value)
{
    private static readonly JsonSerializerOptions Indented = new(WireJson.Default.Options) { WriteIndented = true };

    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly ModelRef Model = new("kontext-tiny", "sha256:0123456789abcdef");
    private static readonly JobContext[] Contexts =
    [
        new PixelContext("inputs/1.png", "d1g3st", 1024, 768),
        new LatentContext("outputs/0.latents", 48, 64),
    ];
    private static readonly EncodeOutput Encoded = new(
        "text-key",
        "pooled-key",
        "negative-key",
        "negative-pooled-key",
        ["latents-key", null]
    );
    private static readonly DenoiseOutput Denoised = new("final-latents-key");
    private static readonly DecodeOutput Decoded = new("outputs/0.png", "outputs/0.latents", 123456);
    private static readonly JobFault Fault = new("out_of_memory", "The device ran out of memory.");

    private static readonly JobSpec Spec = new()
    {
        Id = "0123456789abcdef0123456789abcdef",
        Tenant = "acme",
        Model = Model,
        Prompt = "make it “blau” & <bold>",
        NegativePrompt = "red",
        TrueCfgScale = 1.5f,
        Contexts = Contexts,
        Width = 1024,
        Height = 768,
        Steps = 28,
        Guidance = 2.5f,
        Seed = long.MaxValue,
        Count = 2,
        Format = "png",
        Priority = Priority.Interactive,
        Deadline = At.AddHours(1),
        AcceptedAt = At,
        Webhook = new("https://example.org/hook", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"),
        Parent = "fedcba9876543210fedcba9876543210",
        Session = "00000000000000000000000000000000",
        BodyDigest = "b0dy",
        PredictedMs = 15_250,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    private static readonly Tenant Acme = new()
    {
        Id = "acme",
        Name = "Acme & Söhne",
        Weight = 2.5,
        RequestsPerMinute = 600,
        MaxWaiting = 100,
        MaxRunning = 8,
        DailyBudgetMs = 3_600_000,
        Models = ["kontext-tiny"],
        Priorities = [Priority.Standard, Priority.Batch],
        RetentionDays = 30,
        WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        IsOperator = true,
        IsDisabled = true,
        CreatedAt = At,
        Keys = [new("0a1b2c3d", "9f86d081", At, At.AddDays(1))],
    };

    public static IReadOnlyList<WireSample> All { get; } =
    [
        new("submit_job", new SubmitJob(Spec) { SentAt = At }),
        new("cancel_job", new CancelJob(Spec.Id)),
        new("tick", new Tick(At)),
        new("tenant", Acme),
        new("learned_cost", new LearnedCost("cpu fp32", Model.Digest, Stage.Denoise, 1024, 768, 2, 12.5)),
        new("job_spec", Spec),
        new(
            "webhook_due",
            new WebhookDue
            {
                Job = Spec.Id,
                Tenant = Spec.Tenant,
                Receiver = "example.org",
                Attempts = 2,
                DueAt = At,
                LastAnswer = "503",
            }
        ),
        new("job_record.open", Open()),
        new("job_record.ended", Ended()),
        new("stage_task.encode", Task(TaskId.Encode, new EncodeWork(Spec.Prompt, Spec.NegativePrompt, Contexts))),
        new(
            "stage_task.denoise",
            Task(new(Stage.Denoise, 1), new DenoiseWork(Encoded, Contexts, 1024, 768, 28, 2.5f, 1.5f, 8))
        ),
        new("stage_task.decode", Task(new(Stage.Decode, 1), new DecodeWork(Denoised, 1024, 768, "webp", 8, true))),
        new("task_report.succeeded.encode", Report(TaskId.Encode, TaskResult.Succeeded) with { Output = Encoded }),
        new(
            "task_report.succeeded.denoise",
            Report(new(Stage.Denoise, 1), TaskResult.Succeeded) with
            {
                Output = Denoised,
            }
        ),
        new(
            "task_report.succeeded.decode",
            Report(new(Stage.Decode, 1), TaskResult.Succeeded) with
            {
                Output = Decoded,
            }
        ),
        new("task_report.failed", Report(new(Stage.Denoise, 1), TaskResult.Failed) with { Fault = Fault }),
        new("task_report.inputs_missing", Report(new(Stage.Denoise, 1), TaskResult.InputsMissing)),
        new("task_report.given_back", Report(new(Stage.Denoise, 1), TaskResult.GivenBack)),
        new("task_report.stopped", Report(new(Stage.Denoise, 1), TaskResult.Stopped)),
        new("checkpoint", new Checkpoint("checkpoint-key", 12, "sha256:0123456789abcdef fp32 cpu x64")),
        new(
            "worker_profile",
            new WorkerProfile
            {
                Id = "host-1-42",
                Host = "host-1",
                Device = "cpu fp32",
                MemoryBytes = 85_899_345_920,
                Models = [Model],
                Slots = new Dictionary<Stage, int>
                {
                    [Stage.Encode] = 1,
                    [Stage.Denoise] = 4,
                    [Stage.Decode] = 2,
                },
                Running = new Dictionary<Stage, int> { [Stage.Denoise] = 3 },
                Batches = [new("kontext-tiny", "24-16-16", 4, 812.5)],
                LargestSize = SizeClass.M,
                Accepting = false,
                StartedAt = At,
            }
        ),
        new(
            "cluster_board",
            new ClusterBoard
            {
                Epoch = 1_767_323_045_678_000,
                At = At,
                Lanes = [new(Model, Stage.Denoise, SizeClass.M, 12, 4, 3456.5)],
                Tenants = [new("acme", 3, 2, 0.75)],
                EtaError = 0.125,
            }
        ),
        new("job_progress", new JobProgress(Spec.Id, new(Stage.Denoise, 1), 12, 28)),
        new("job_progress_preview", new JobProgress(Spec.Id, new(Stage.Denoise, 1), 12, 28, [0x89, 0x50])),
    ];

    public Type Type => Value.GetType();

    /// <summary>What the golden file holds, with the last line's end taken off.</summary>
    public string Golden =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", $"{Name}.json")).TrimEnd('\n');

    /// <summary>A value as it is written, with line breaks so that a person can read it.</summary>
    public static string Write(object value) => JsonSerializer.Serialize(value, value.GetType(), Indented);

    public object? Read(JsonNode json) =>
        JsonSerializer.Deserialize(json.ToJsonString(), Type, WireJson.Default.Options);

    public override string ToString() => Name;

    private static StageTask Task(TaskId task, StageWork work) =>
        new()
        {
            Job = Spec.Id,
            Tenant = Spec.Tenant,
            Task = task,
            Run = 2,
            Model = Model,
            Priority = Priority.Batch,
            Deadline = Spec.Deadline,
            Work = work,
            TraceParent = Spec.TraceParent,
            SentAt = At,
        };

    private static TaskReport Report(TaskId task, TaskResult result) =>
        new()
        {
            Job = Spec.Id,
            Task = task,
            Run = 2,
            Claim = 1_767_323_045_678,
            Worker = "host-1-42",
            Device = "cpu fp32",
            Result = result,
            DeviceMs = 1234.5,
            StartedAt = At,
            FinishedAt = At.AddSeconds(2),
        };

    private static TaskState Done(StageOutput output) =>
        new()
        {
            Phase = TaskPhase.Done,
            Run = 2,
            Failures = 1,
            WaitingSince = At,
            ReleasedAt = At.AddSeconds(1),
            Output = output,
            StartedAt = At.AddSeconds(2),
            FinishedAt = At.AddSeconds(3),
            Worker = "host-1-42",
            Device = "cpu fp32",
            DeviceMs = 1000.25,
        };

    private static JobRecord Open() =>
        new()
        {
            Spec = Spec,
            Version = 7,
            Phase = JobPhase.Open,
            Encode = Done(Encoded),
            Samples =
            [
                new(
                    new()
                    {
                        Phase = TaskPhase.Released,
                        Misses = 1,
                        WaitingSince = At,
                        ReleasedAt = At.AddSeconds(1),
                        ReleasedAs = Priority.Interactive,
                        CheckAt = At.AddSeconds(13),
                    },
                    new()
                ),
                new(
                    new()
                    {
                        Phase = TaskPhase.Waiting,
                        WaitingSince = At,
                        NotBefore = At.AddSeconds(4),
                    },
                    new()
                ),
            ],
        };

    private static JobRecord Ended() =>
        Open() with
        {
            Version = 12,
            Phase = JobPhase.Ended,
            Outcome = JobOutcome.Failed,
            Fault = Fault,
            Samples = [new(Done(Denoised), Done(Decoded))],
            FinishedAt = At.AddMinutes(1),
        };
}
