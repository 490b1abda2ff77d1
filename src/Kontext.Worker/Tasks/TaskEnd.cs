using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Worker.Tasks;

/// <summary>How work on a task ended.</summary>
/// <param name="Result">The kind of end.</param>
/// <param name="Output">What it made.</param>
/// <param name="Fault">Why it failed.</param>
internal sealed record TaskEnd(TaskResult Result, StageOutput? Output = null, JobFault? Fault = null)
{
    /// <summary>It failed with an error.</summary>
    public static TaskEnd Of(KontextException error) => new(TaskResult.Failed, Fault: JobFault.Of(error));
}
