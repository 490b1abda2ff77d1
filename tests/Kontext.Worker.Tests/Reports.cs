using System.Collections.Concurrent;
using System.Threading.Channels;
using Kontext.Contracts.Tasks;

namespace Kontext.Worker.Tests;

/// <summary>What the coordinator has heard, by task and run.</summary>
internal sealed class Reports
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Job, TaskId Task, int Run), Channel<TaskReport>> _heard = new();

    public void Add(TaskReport report) => Of(report.Job, report.Task, report.Run).Writer.TryWrite(report);

    /// <summary>The next report of a task.</summary>
    public Task<TaskReport> NextAsync(StageTask task) =>
        Of(task.Job, task.Task, task.Run)
            .Reader.ReadAsync(TestContext.Current.CancellationToken)
            .AsTask()
            .WaitAsync(Patience);

    /// <summary>Reports of a task that have come and were not read.</summary>
    public int Count(StageTask task) => Of(task.Job, task.Task, task.Run).Reader.Count;

    private Channel<TaskReport> Of(string job, TaskId task, int run) =>
        _heard.GetOrAdd((job, task, run), _ => Channel.CreateUnbounded<TaskReport>());
}
