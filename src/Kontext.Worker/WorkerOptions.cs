using System.ComponentModel.DataAnnotations;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;

namespace Kontext.Worker;

/// <summary>What one worker does: one process, one device, any set of stages.</summary>
public sealed record WorkerOptions
{
    /// <summary>Unique to this process.</summary>
    /// <value>Host, process and four random digits, for people who look for it.</value>
    [Required]
    public string Id { get; init; } =
        $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}".ToLowerInvariant();

    /// <summary>The kinds of work it takes.</summary>
    /// <value>All.</value>
    [MinLength(1)]
    public IReadOnlyList<Stage> Stages { get; init; } = Enum.GetValues<Stage>();

    /// <summary>The models it serves, all at once.</summary>
    [MinLength(1)]
    public required IReadOnlyList<ModelBundle> Models { get; init; }

    /// <summary>Its device.</summary>
    /// <value>The processor.</value>
    public DeviceOptions Device { get; init; } = new();

    /// <summary>Encode tasks it takes at a time.</summary>
    /// <value>4: they are short, and reading one's pictures goes on beside computing another.</value>
    [Range(1, MaxSlots)]
    public int EncodeSlots { get; init; } = 4;

    /// <summary>Denoise tasks it takes at a time.</summary>
    /// <value>
    /// Null: as many as the device has learned to use in one step, and one whose tensors are read meanwhile. More would only
    /// keep them from other workers.
    /// </value>
    [Range(1, MaxSlots)]
    public int? DenoiseSlots { get; init; }

    /// <summary>The most samples that share a step. How many do is learned for each shape.</summary>
    /// <value>8. With 1, images do not depend on what else runs, to the bit.</value>
    [Range(1, MaxBatch)]
    public int LargestBatch { get; init; } = 8;

    /// <summary>Decode tasks it takes at a time.</summary>
    /// <value>4: the files of some are written while another computes.</value>
    [Range(1, MaxSlots)]
    public int DecodeSlots { get; init; } = 4;

    /// <summary>The largest size class it takes.</summary>
    /// <value>Null: by the device's memory, where that is known, else all.</value>
    public SizeClass? LargestSize { get; init; }

    /// <summary>Time between checkpoints of a sample: what a crash costs at most.</summary>
    /// <value>10 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Steps between checkpoints of a sample, in place of the time.</summary>
    /// <value>Null: by time.</value>
    [Range(1, int.MaxValue)]
    public int? CheckpointSteps { get; init; }

    /// <summary>Failures of the device in a row after which the worker takes itself out.</summary>
    /// <value>3.</value>
    [Range(1, int.MaxValue)]
    public int MaxDeviceFailures { get; init; } = 3;

    /// <summary>For measuring the system alone: every stage only waits this long and computes nothing.</summary>
    /// <value>Null: models are loaded and run.</value>
    public TimeSpan? StageTime { get; init; }

    /// <summary>
    /// With <see cref="StageTime"/>: how long a denoise step of the model's default size waits, others by their pixels. So device
    /// time depends on what is asked for, as it does where something is computed.
    /// </summary>
    /// <value>Null: every denoise task waits for <see cref="StageTime"/>, whatever its size and steps.</value>
    public TimeSpan? StepTime { get; init; }

    private const int MaxSlots = 4096;
    private const int MaxBatch = 64;

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>, with everything that is wrong.</exception>
    internal void Validate()
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(this, new(this), problems, validateAllProperties: true))
        {
            throw new KontextException(
                ErrorCode.Usage,
                string.Join(' ', problems.Select(problem => problem.ErrorMessage))
            );
        }
    }
}
