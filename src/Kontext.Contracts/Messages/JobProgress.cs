using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Messages;

/// <summary>How far a sample is: published as it happens, stored nowhere, and missed by whoever does not listen.</summary>
/// <param name="Job">The job.</param>
/// <param name="Task">The task.</param>
/// <param name="Step">Steps taken.</param>
/// <param name="Steps">Steps to take.</param>
/// <param name="Preview">A small PNG of what the image is going to be, after that step; null: only the step is told.</param>
public sealed record JobProgress(string Job, TaskId Task, int Step, int Steps, byte[]? Preview = null);
