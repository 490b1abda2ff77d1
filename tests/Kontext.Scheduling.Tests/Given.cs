using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests;

/// <summary>Jobs, reports and claims to try things on.</summary>
internal static class Given
{
    public const string Worker = "worker-1";
    public const string Device = "cpu fp32";

    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    public static readonly ModelRef Model = new("kontext-tiny", "sha256:0123456789abcdef");
    public static readonly JobContext Picture = new PixelContext("inputs/1.png", "d1", 256, 256);
    public static readonly EncodeOutput Encoded = new("text", "pooled", null, null, ["context"]);

    public static JobSpec Spec(string id = "job", int count = 1) =>
        new()
        {
            Id = id,
            Tenant = "tenant",
            Model = Model,
            Prompt = "make it blue",
            Contexts = [Picture],
            Width = 256,
            Height = 256,
            Steps = 4,
            Guidance = 2.5f,
            Seed = 7,
            Count = count,
            Format = "png",
            Priority = Priority.Standard,
            AcceptedAt = Start,
            TraceParent = "00-trace",
        };

    public static TaskId Denoise(int sample = 0) => new(Stage.Denoise, sample);

    public static TaskId Decode(int sample = 0) => new(Stage.Decode, sample);

    public static StageOutput Output(TaskId task) =>
        task.Stage switch
        {
            Stage.Encode => Encoded,
            Stage.Denoise => new DenoiseOutput($"latents {task.Sample}"),
            _ => new DecodeOutput($"image {task.Sample}", $"latents {task.Sample}", 100),
        };

    public static TaskReport Report(TaskId task, TaskResult result, int run = 1, string job = "job", long claim = 1) =>
        new()
        {
            Job = job,
            Task = task,
            Run = run,
            Claim = claim,
            Worker = Worker,
            Device = Device,
            Result = result,
            Output = result == TaskResult.Succeeded ? Output(task) : null,
            DeviceMs = 10,
            StartedAt = Start,
            FinishedAt = Start + TimeSpan.FromSeconds(1),
        };

    public static TaskReport Failure(TaskId task, ErrorCode code, int run = 1) =>
        Report(task, TaskResult.Failed, run) with
        {
            Fault = new(code.Name, "It did not work."),
        };

    public static Claim Claim(int run = 1, bool live = true, TaskReport? report = null) =>
        new()
        {
            Number = 1,
            Run = run,
            Worker = Worker,
            LeaseUntil = Start + TimeSpan.FromSeconds(10),
            Live = live,
            Report = report,
        };

    public static WorkerProfile Profile(SizeClass largest, params ReadOnlySpan<(Stage Stage, int Slots)> slots) =>
        new()
        {
            Id = Worker,
            Host = "host",
            Device = Device,
            Models = [Model],
            Slots = slots.ToArray().ToDictionary(slot => slot.Stage, slot => slot.Slots),
            LargestSize = largest,
            StartedAt = Start,
        };

    /// <summary>A job just submitted.</summary>
    public static JobRecord Job(int count = 1, DateTimeOffset? deadline = null) =>
        Submit(Spec(count: count) with { Deadline = deadline });

    public static JobRecord Submit(JobSpec spec) =>
        JobMachine.Next(null, new JobEvent.Submitted(spec), Start).Record.ShouldNotBeNull();

    /// <summary>What becomes of a job.</summary>
    public static JobRecord After(this JobRecord record, params ReadOnlySpan<JobEvent> events)
    {
        foreach (var happened in events)
        {
            record = JobMachine.Next(record, happened, Start).Record.ShouldNotBeNull();
        }
        return record;
    }

    public static JobRecord Released(this JobRecord record, TaskId task) =>
        record.After(new JobEvent.TaskReleased(task));

    public static JobRecord Done(this JobRecord record, TaskId task) =>
        record.After(
            new JobEvent.TaskReleased(task),
            new JobEvent.TaskReported(Report(task, TaskResult.Succeeded, record[task].Run))
        );

    public static JobRecord Failed(this JobRecord record, TaskId task, ErrorCode code) =>
        record.Released(task).After(new JobEvent.TaskReported(Failure(task, code, record[task].Run)));

    public static JobRecord Missing(this JobRecord record, TaskId task) =>
        record
            .Released(task)
            .After(new JobEvent.TaskReported(Report(task, TaskResult.InputsMissing, record[task].Run)));

    /// <summary>The pauses of its tasks are over.</summary>
    public static JobRecord Rested(this JobRecord record) =>
        JobMachine.Next(record, new JobEvent.TimePassed(), Start + JobPolicy.LongestBackoff).Record.ShouldNotBeNull();
}
