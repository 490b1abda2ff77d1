using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;

namespace Kontext.Coordinator.Tests;

/// <summary>Jobs, workers and reports as tests need them.</summary>
internal static class Jobs
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    public static readonly ModelRef Model = new("tiny", "sha256:0123456789abcdef");

    public static JobSpec Spec(string id, int count = 1, Priority priority = Priority.Standard) =>
        new()
        {
            Id = id,
            Tenant = "default",
            Model = Model,
            Prompt = "a circle",
            Contexts = [],
            Width = 64,
            Height = 64,
            Steps = 4,
            Guidance = 2.5f,
            Seed = 7,
            Count = count,
            Format = "png",
            Priority = priority,
            AcceptedAt = Start,
        };

    public static WorkerProfile Worker(string id, int slots = 4) =>
        new()
        {
            Id = id,
            Host = "here",
            Device = "cpu fp32",
            Models = [Model],
            Slots = Enum.GetValues<Stage>().ToDictionary(stage => stage, _ => slots),
            LargestSize = SizeClass.L,
            StartedAt = Start,
        };

    public static TaskReport Succeeded(string job, TaskId task, StageOutput output, double deviceMs = 0) =>
        new()
        {
            Job = job,
            Task = task,
            Run = 1,
            Claim = 1,
            Worker = "w",
            Device = "cpu fp32",
            Result = TaskResult.Succeeded,
            Output = output,
            DeviceMs = deviceMs,
            StartedAt = Start,
            FinishedAt = Start,
        };

    public static EncodeOutput Encoded { get; } = new("text", "pooled", null, null, []);

    public static DenoiseOutput Denoised { get; } = new("latents");

    public static DecodeOutput Decoded { get; } = new("image", "final", 1);
}
