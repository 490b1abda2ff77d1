using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;

namespace Kontext.Scheduling.Tests.Terms;

/// <summary>A term, and workers that do what they are told to when the test says so.</summary>
internal sealed class TestCluster
{
    public Term Term { get; } = new(epoch: 1, Given.Start);

    public DateTimeOffset Now { get; set; } = Given.Start;

    /// <summary>What has been sent and is not done, in order.</summary>
    public List<StageTask> Sent { get; } = [];

    public TestCluster See(params WorkerProfile[] workers)
    {
        Term.SeeWorkers(workers, Now);
        return this;
    }

    public TestCluster See(string tenant, double weight = 1, int? maxRunning = null)
    {
        Term.SeeTenants([
            new()
            {
                Id = tenant,
                Name = tenant,
                Weight = weight,
                MaxRunning = maxRunning,
                WebhookSecret = "",
                CreatedAt = Given.Start,
                Keys = [],
            },
        ]);
        return this;
    }

    public void Submit(JobSpec spec)
    {
        Term.Apply(spec.Id, new JobEvent.Submitted(spec), Now);
        // So that what is released later is told in the order in which it was.
        Term.TakeChanges();
    }

    /// <summary>Takes over a job whose prompt has been encoded.</summary>
    public void Restore(JobSpec spec)
    {
        Term.Restore(Denoising(spec), Now);
        Term.TakeChanges();
    }

    /// <summary>A job whose prompt has been encoded.</summary>
    public static JobRecord Denoising(JobSpec spec)
    {
        var denoise = new TaskState { Phase = TaskPhase.Waiting, WaitingSince = Given.Start };
        return new()
        {
            Spec = spec,
            Encode = new() { Phase = TaskPhase.Done, Output = Given.Encoded },
            Samples = [.. Enumerable.Repeat(new SampleState(denoise, new()), spec.Count)],
        };
    }

    /// <summary>The task that a worker with one slot does next: the most urgent, then the one sent first.</summary>
    public StageTask? Next()
    {
        Release();
        return Sent.MinBy(task => task.Priority);
    }

    /// <summary>Lets the term release what it will.</summary>
    public IReadOnlyList<StageTask> Release()
    {
        Term.PassTime(Now);
        Term.Release(Now);
        StageTask[] sent =
        [
            .. Term.TakeChanges()
                .SelectMany(change => change.Effects.OfType<JobEffect.SendTask>())
                .Select(send => send.Task),
        ];
        Sent.AddRange(sent);
        return sent;
    }

    /// <summary>A worker has done a task.</summary>
    public void Finish(StageTask task, double deviceMs, string device = Given.Device)
    {
        Sent.Remove(task);
        var report = Given.Report(task.Task, TaskResult.Succeeded, task.Run, task.Job) with
        {
            DeviceMs = deviceMs,
            Device = device,
        };
        Term.Apply(task.Job, new JobEvent.TaskReported(report), Now);
    }

    /// <summary>A job is over for all that matters here.</summary>
    public void Forget(string job)
    {
        Sent.RemoveAll(task => task.Job == job);
        Term.Forget(job, Now);
    }
}
