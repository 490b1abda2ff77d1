using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Storage.Tests.Jobs;

/// <summary>Jobs to store.</summary>
internal static class SomeJobs
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    public static JobSpec Spec(string id, Priority priority = Priority.Standard, int second = 0, int count = 2) =>
        new()
        {
            Id = id,
            Tenant = "acme",
            Model = new("tiny", "sha256:0123456789abcdef"),
            Prompt = "a red fox",
            Contexts = [],
            Width = 256,
            Height = 256,
            Steps = 8,
            Guidance = 2.5f,
            Seed = 1,
            Count = count,
            Format = "png",
            Priority = priority,
            AcceptedAt = Noon.AddSeconds(second),
        };

    public static JobRecord Record(JobSpec spec) =>
        new()
        {
            Spec = spec,
            Version = 1,
            Encode = new() { Phase = TaskPhase.Waiting },
            Samples = [.. Enumerable.Range(0, spec.Count).Select(_ => new SampleState(new(), new()))],
        };

    public static JobRecord Record(string id) => Record(Spec(id));

    public static JobRecord Next(JobRecord record) => record with { Version = record.Version + 1 };

    public static JobRecord Decided(JobRecord record) =>
        Next(record) with
        {
            Phase = JobPhase.Finishing,
            Outcome = JobOutcome.Succeeded,
        };

    public static JobRecord Ended(JobRecord record) =>
        Next(record) with
        {
            Phase = JobPhase.Ended,
            Outcome = JobOutcome.Succeeded,
        };

    public static StageTask Task(string job, TaskId task, int run = 1) =>
        new()
        {
            Job = job,
            Tenant = "acme",
            Task = task,
            Run = run,
            Model = new("tiny", "sha256:0123456789abcdef"),
            Priority = Priority.Standard,
            Work = new EncodeWork("a red fox", null, []),
        };

    public static TaskReport Report(
        string job,
        TaskId task,
        long claim,
        TaskResult result = TaskResult.Succeeded,
        int run = 1
    ) =>
        new()
        {
            Job = job,
            Task = task,
            Run = run,
            Claim = claim,
            Worker = "worker",
            Device = "cpu fp32",
            Result = result,
            StartedAt = Noon,
            FinishedAt = Noon.AddSeconds(1),
        };
}
