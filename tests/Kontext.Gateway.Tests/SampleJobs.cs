using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Gateway.Tests;

/// <summary>Jobs as tests need them.</summary>
internal static class SampleJobs
{
    public const string Id = "0123456789abcdef0123456789abcdef";

    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static JobSpec Spec(string id = Id, int count = 1, ModelRef? model = null, string tenant = "default") =>
        new()
        {
            Id = id,
            Tenant = tenant,
            Model = model ?? new("tiny", "sha256:0123456789abcdef"),
            Prompt = "a circle",
            Contexts = [],
            Width = 64,
            Height = 48,
            Steps = 10,
            Guidance = 2.5f,
            Seed = 7,
            Count = count,
            Format = "png",
            Priority = Priority.Standard,
            AcceptedAt = Start,
        };

    /// <summary>A record whose tasks are in these phases: encode first, then denoise and decode of each sample.</summary>
    public static JobRecord Record(JobSpec spec, params TaskPhase[] phases) =>
        new()
        {
            Spec = spec,
            Version = 1,
            Encode = new() { Phase = phases[0] },
            Samples =
            [
                .. phases
                    .Skip(1)
                    .Chunk(2)
                    .Select(
                        (sample, i) =>
                            new SampleState(
                                new() { Phase = sample[0] },
                                new()
                                {
                                    Phase = sample[1],
                                    Output = sample[1] == TaskPhase.Done ? Output(spec.Id, i) : null,
                                }
                            )
                    ),
            ],
        };

    public static DecodeOutput Output(string id, int sample) =>
        new($"outputs/{id}/{sample}-1.png", $"outputs/{id}/{sample}-1.latents", 8);

    public static JobRecord End(this JobRecord record, JobOutcome outcome, JobFault? fault = null) =>
        record with
        {
            Phase = JobPhase.Ended,
            Outcome = outcome,
            Fault = fault,
            FinishedAt = Start.AddSeconds(9),
        };

    public static Claim Claim(int run = 1, int step = 0) =>
        new()
        {
            Number = 1,
            Run = run,
            Worker = "w",
            LeaseUntil = Start,
            Live = true,
            Step = step,
        };
}
