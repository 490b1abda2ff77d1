using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Tests.Wire;

/// <summary>Whatever is written reads back the same.</summary>
public sealed class WireRoundTripTests
{
    private static readonly Gen<string?> MaybeText = Gen.Null(Gen.String);
    private static readonly Gen<DateTimeOffset?> MaybeTime = Gen.Nullable(Gen.DateTimeOffset);

    private static readonly Gen<TaskId> TaskIds = Gen.Select(
        Gen.Enum<Stage>(),
        Gen.Int[0, int.MaxValue],
        (stage, sample) => new TaskId(stage, sample)
    );

    private static readonly Gen<JobContext[]> Contexts = Gen.OneOf<JobContext>(
        Gen.Select(Gen.String, Gen.Int, JobContext (name, extent) => new PixelContext(name, name, extent, extent)),
        Gen.Select(Gen.String, Gen.Int, JobContext (name, extent) => new LatentContext(name, extent, extent))
    ).Array[0, 3];

    private static readonly Gen<EncodeOutput> Encoded = Gen.Select(
        Gen.String,
        MaybeText,
        MaybeText.Array[0, 3],
        (text, negative, contexts) => new EncodeOutput(text, text, negative, negative, contexts)
    );

    private static readonly Gen<StageOutput> Outputs = Gen.OneOf<StageOutput>(
        Encoded.Select(StageOutput (output) => output),
        Gen.String.Select(StageOutput (key) => new DenoiseOutput(key)),
        Gen.Select(Gen.String, Gen.Long, StageOutput (name, bytes) => new DecodeOutput(name, name, bytes))
    );

    private static readonly Gen<StageWork> Works = Gen.OneOf<StageWork>(
        Gen.Select(
            Gen.String,
            MaybeText,
            Contexts,
            StageWork (prompt, negative, contexts) => new EncodeWork(prompt, negative, contexts)
        ),
        Gen.Select(
            Encoded,
            Contexts,
            Gen.Int,
            Gen.Single.Where(float.IsFinite),
            Gen.Long,
            StageWork (encoded, contexts, extent, scale, seed) =>
                new DenoiseWork(encoded, contexts, extent, extent, extent, scale, scale, seed)
        ),
        Gen.Select(
            Gen.String,
            Gen.Int,
            Gen.Bool,
            StageWork (name, extent, edited) => new DecodeWork(new(name), extent, extent, name, extent, edited)
        )
    );

    private static readonly Gen<JobSpec> Specs = Gen.Select(
        Gen.String,
        MaybeText,
        Contexts,
        Gen.Int,
        Gen.Single.Where(float.IsFinite),
        Gen.Enum<Priority>(),
        Gen.DateTimeOffset,
        (text, maybe, contexts, number, scale, priority, time) =>
            new JobSpec
            {
                Id = text,
                Tenant = text,
                Model = new(text, text),
                Prompt = text,
                NegativePrompt = maybe,
                TrueCfgScale = scale,
                Contexts = contexts,
                Width = number,
                Height = number,
                Steps = number,
                Guidance = scale,
                Seed = (long)number << 20,
                Count = number,
                Format = text,
                Priority = priority,
                Deadline = maybe is null ? null : time,
                AcceptedAt = time,
                Webhook = maybe is null ? null : new(text, maybe),
                Parent = maybe,
                Session = maybe,
                BodyDigest = maybe,
                TraceParent = maybe,
            }
    );

    private static readonly Gen<TaskState> States = Gen.Select(
        Gen.Enum<TaskPhase>(),
        Gen.Int,
        MaybeTime,
        MaybeText,
        Gen.Null(Outputs),
        Gen.Double.Where(double.IsFinite),
        (phase, number, time, worker, output, ms) =>
            new TaskState
            {
                Phase = phase,
                Run = number,
                Failures = number,
                Misses = number,
                NotBefore = time,
                WaitingSince = time,
                ReleasedAt = time,
                CheckAt = time,
                Output = output,
                StartedAt = time,
                FinishedAt = time,
                Worker = worker,
                Device = worker,
                DeviceMs = ms,
            }
    );

    private static readonly Gen<JobFault?> Faults = MaybeText.Select(text =>
        text is null ? null : new JobFault(text, text)
    );

    [Fact]
    public void Job_records() =>
        Gen.Select(
                Specs,
                Gen.Select(Gen.Enum<JobPhase>(), Gen.Nullable(Gen.Enum<JobOutcome>()), Gen.Long),
                States,
                Gen.Select(States, States, (denoise, decode) => new SampleState(denoise, decode)).Array[0, 3],
                Faults,
                MaybeTime,
                (spec, where, encode, samples, fault, time) =>
                    new JobRecord
                    {
                        Spec = spec,
                        Version = where.Item3,
                        Phase = where.Item1,
                        Outcome = where.Item2,
                        Fault = fault,
                        Encode = encode,
                        Samples = samples,
                        FinishedAt = time,
                    }
            )
            .Sample(ReadsBack, iter: 500);

    [Fact]
    public void Stage_tasks() =>
        Gen.Select(
                TaskIds,
                Works,
                Gen.String,
                MaybeText,
                MaybeTime,
                Gen.Int,
                Gen.Enum<Priority>(),
                (task, work, text, maybe, time, number, priority) =>
                    new StageTask
                    {
                        Job = text,
                        Tenant = text,
                        Task = task,
                        Run = number,
                        Model = new(text, text),
                        Priority = priority,
                        Deadline = time,
                        Work = work,
                        TraceParent = maybe,
                        SentAt = time,
                    }
            )
            .Sample(ReadsBack, iter: 500);

    [Fact]
    public void Task_reports() =>
        Gen.Select(
                TaskIds,
                Gen.Enum<TaskResult>(),
                Gen.String,
                Gen.Long,
                Gen.Null(Outputs),
                Faults,
                Gen.Select(Gen.DateTimeOffset, Gen.Double.Where(double.IsFinite)),
                (task, result, text, number, output, fault, measured) =>
                    new TaskReport
                    {
                        Job = text,
                        Task = task,
                        Run = (int)number,
                        Claim = number,
                        Worker = text,
                        Device = text,
                        Result = result,
                        Output = output,
                        Fault = fault,
                        DeviceMs = measured.Item2,
                        StartedAt = measured.Item1,
                        FinishedAt = measured.Item1,
                    }
            )
            .Sample(ReadsBack, iter: 500);

    private static void ReadsBack<T>(T value)
        where T : class
    {
        var text = WireSample.Write(value);
        var read = JsonSerializer.Deserialize<T>(text, WireJson.Default.Options).ShouldNotBeNull();
        WireSample.Write(read).ShouldBe(text);
    }
}
