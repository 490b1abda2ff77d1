using System.Diagnostics;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Telemetry;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Models;
using Kontext.Gateway.Telemetry;
using Kontext.Gateway.Tenants;
using Kontext.Messaging;
using Kontext.Outbound.Filters;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Requests;

/// <summary>
/// Turns requests into jobs. A job is accepted when its spec is stored under <c>pending/</c>: not earlier, and whatever fails
/// afterwards.
/// </summary>
internal sealed partial class JobAcceptor(
    ModelCatalogue models,
    ContextResolver contexts,
    WebhookCheck webhooks,
    ContentFilters filters,
    JobReader reader,
    JobRecords records,
    IObjectStore objects,
    IMessageBus bus,
    JobAdmission admission,
    JobForecast forecast,
    TenantKeys keys,
    GatewayMetrics metrics,
    TraceBudget traces,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<JobAcceptor> logger
)
{
    /// <summary>The client waits while the leader is told; a broker that is down must not make it wait for long.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(2);

    /// <summary>Accepts a job, or finds the one that the same request has made before.</summary>
    /// <exception cref="KontextException">The request is wrong, or nothing can be accepted now.</exception>
    public async Task<StoredJob> AcceptAsync(JobSubmission submission, CancellationToken cancellationToken)
    {
        try
        {
            return await AcceptOnceAsync(submission, cancellationToken);
        }
        catch (KontextException error)
        {
            metrics.Refused(submission.Tenant, error.Code);
            throw;
        }
    }

    private async Task<StoredJob> AcceptOnceAsync(JobSubmission submission, CancellationToken cancellationToken)
    {
        var id = submission.Key is { } key ? JobIds.OfKey(keys, submission.Tenant, key) : JobIds.Random();
        // Taken before the part of it begins: everything that is done for the job goes beside that.
        var request = Activity.Current;
        using var span = AcceptTrace.Begin(traces).OfJob(id, submission.Tenant);
        try
        {
            return await AcceptAsync(id, submission, (request ?? span)?.Id, cancellationToken);
        }
        catch (Exception error)
        {
            AcceptTrace.Refused(span, error);
            throw;
        }
    }

    private async Task<StoredJob> AcceptAsync(
        string id,
        JobSubmission submission,
        string? trace,
        CancellationToken cancellationToken
    )
    {
        // What was right when it came first is not checked again: its deadline may have passed since.
        if (submission.Key is not null && await reader.FindAsync(submission.Tenant, id, cancellationToken) is { } known)
        {
            return known.Spec.BodyDigest == submission.BodyDigest ? known : throw Conflict();
        }
        var (spec, uploads) = await CheckAsync(id, submission, trace, cancellationToken);
        if (
            submission.Key is not null
            && await records.FirstBodyAsync(id, submission.BodyDigest, options.Value.IdempotencyKept, cancellationToken)
                != submission.BodyDigest
        )
        {
            throw Conflict();
        }
        await StoreAsync(spec, uploads, cancellationToken);
        metrics.Accepted(spec);
        LogAccepted(spec.Id, spec.Tenant, spec.Model.Short, spec.Priority);
        if (options.Value.LogPrompts)
        {
            LogPrompt(spec.Id, spec.Prompt, spec.NegativePrompt);
        }
        CommitPoint.Passed(CommitPoint.Accept);
        await TellLeaderAsync(spec);
        return new(spec, Record: null);
    }

    private async Task<(JobSpec Spec, IReadOnlyList<InputFile> Uploads)> CheckAsync(
        string id,
        JobSubmission submission,
        string? trace,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var asked = RequestCheck.Of(submission.Request, now);
        var model = await models.FindAsync(submission.Request.Model, cancellationToken);
        var settings = model.Manifest.Sampling;
        var given = ParentContext.Contexts(submission.Request);
        GenerationPlan.CheckContexts(given.Count, settings);
        // Once without the contexts: whoever asks for the impossible need not wait until they are decoded.
        GenerationPlan.Create(asked.Generation, settings);
        var parent = submission.Request.Parent is { } earlier
            ? await reader.GetAsync(submission.Tenant, earlier, cancellationToken)
            : null;
        var webhook = await webhooks.OfAsync(submission.Tenant, submission.Request.Webhook, cancellationToken);
        var question = new FilterQuestion
        {
            Kind = FilterKind.Prompt,
            Tenant = submission.Tenant,
            Job = id,
            Prompt = asked.Generation.Prompt,
            NegativePrompt = asked.Generation.NegativePrompt,
        };
        await filters.CheckAsync(question, cancellationToken);
        var resolved = await ResolveAsync(submission.Tenant, id, given, model, cancellationToken);
        InputFile[] uploads = [.. resolved.Select(context => context.Upload).OfType<InputFile>()];
        foreach (var upload in uploads)
        {
            await filters.CheckAsync(
                question with
                {
                    Kind = FilterKind.Input,
                    Image = upload.Bytes,
                    MediaType = upload.MediaType,
                },
                cancellationToken
            );
        }
        var plan = GenerationPlan.Create(
            asked.Generation with
            {
                Contexts = [.. resolved.Select(context => context.Given)],
                Seed = asked.Generation.Seed ?? JobIds.Seed(id),
            },
            settings
        );
        var spec = new JobSpec
        {
            Id = id,
            Tenant = submission.Tenant,
            Model = model.Ref,
            Prompt = plan.Prompt,
            NegativePrompt = plan.NegativePrompt,
            TrueCfgScale = plan.TrueCfgScale,
            Contexts = [.. resolved.Select(context => context.Context)],
            Parent = parent?.Spec.Id,
            Session = parent is null ? null : parent.Spec.Session ?? parent.Spec.Id,
            Width = plan.Size.Width,
            Height = plan.Size.Height,
            Steps = plan.Steps,
            Guidance = plan.Guidance,
            Seed = plan.Seed,
            Count = plan.Count,
            Format = asked.Format.Name(),
            Priority = asked.Priority,
            Deadline = asked.Deadline,
            AcceptedAt = now,
            Webhook = webhook,
            BodyDigest = submission.Key is null ? null : submission.BodyDigest,
            TraceParent = trace,
        };
        using var span = JobTrace.Part(SpanName.Admission);
        await admission.CheckAsync(spec, cancellationToken);
        spec = spec with { PredictedMs = await forecast.PredictMsAsync(spec, cancellationToken) };
        return (spec, uploads);
    }

    private async Task<IReadOnlyList<ResolvedContext>> ResolveAsync(
        string tenant,
        string id,
        IReadOnlyList<ContextRequest?> given,
        ServedModel model,
        CancellationToken cancellationToken
    )
    {
        using var span = given.Count > 0 ? JobTrace.Part(SpanName.Contexts) : null;
        return await contexts.ResolveAsync(tenant, id, given, model, cancellationToken);
    }

    private async Task StoreAsync(JobSpec spec, IReadOnlyList<InputFile> uploads, CancellationToken cancellationToken)
    {
        using (JobTrace.Part(SpanName.Admission))
        {
            await admission.ReserveAsync(spec, cancellationToken);
        }
        try
        {
            foreach (var upload in uploads)
            {
                await objects.PutAsync(upload.Name, upload.Bytes, upload.MediaType, cancellationToken);
            }
            await objects.PutJsonAsync(ObjectNames.Pending(spec.Id), spec, WireJson.Default.JobSpec, cancellationToken);
        }
        catch
        {
            // Should the spec have been stored all the same, then the leader finds it and counts it in again.
            await ReleaseAsync(spec);
            throw;
        }
    }

    private async Task ReleaseAsync(JobSpec spec)
    {
        try
        {
            using var patience = new CancellationTokenSource(ReleasePatience, time);
            await records.ReleaseAsync(spec.Id, spec.Tenant, patience.Token);
        }
        catch (Exception error) when (error is KontextException or OperationCanceledException)
        {
            LogReservationLeft(spec.Id, error.Message);
        }
    }

    /// <summary>Tells the leader. If that fails nothing is lost: it looks for specs that it does not know.</summary>
    private async Task TellLeaderAsync(JobSpec spec)
    {
        using var span = JobTrace
            .Part(SpanName.Submit, ActivityKind.Producer)
            .OfMessage(bus.MessagingSystem, "send", Queues.Coordinator);
        try
        {
            using var patience = new CancellationTokenSource(SendPatience, time);
            var submit = new SubmitJob(spec) { SentAt = time.GetUtcNow() };
            await bus.SendAsync(Queues.Coordinator, submit, timeToLive: null, patience.Token);
        }
        catch (Exception error) when (error is KontextException or OperationCanceledException)
        {
            span.Fail(error);
            LogNotSent(spec.Id, error.Message);
        }
    }

    private static KontextException Conflict() =>
        new(ErrorCode.IdempotencyConflict, "This Idempotency-Key came with another body before.");

    [LoggerMessage(LogLevel.Information, "Job {Job} of {Tenant} is accepted: {Model}, {Priority}.")]
    private partial void LogAccepted(string job, string tenant, string model, Priority priority);

    [LoggerMessage(LogLevel.Information, "Job {Job} asks for: {Prompt} (and not for: {NegativePrompt})")]
    private partial void LogPrompt(string job, string prompt, string? negativePrompt);

    [LoggerMessage(LogLevel.Warning, "The reservation of job {Job} is left to run out: {Reason}")]
    private partial void LogReservationLeft(string job, string reason);

    [LoggerMessage(LogLevel.Warning, "Job {Job} is accepted; the leader has to find it by itself: {Reason}")]
    private partial void LogNotSent(string job, string reason);
}
