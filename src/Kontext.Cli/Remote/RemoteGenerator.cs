using Kontext.Cli.Commands;
using Kontext.Flux;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;
using Kontext.Gateway.Requests;

namespace Kontext.Cli.Remote;

/// <summary>Has images made by a server: submits a job, follows it to its end and fetches its images.</summary>
internal sealed class RemoteGenerator(GatewayClient client, string? model) : IGenerator
{
    private GenerationRequest? _request;

    /// <summary>The server knows the model; what is wrong for every model is said here, before files are read.</summary>
    public void Prepare(GenerationRequest request)
    {
        GenerationPlan.CheckCount(request.Count);
        _request = request;
    }

    public async Task<MadeImages> MakeAsync(
        IReadOnlyList<ContextFile> contexts,
        ImageFormat format,
        IProgress<WorkProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var body = Body(_request!, model, contexts, format);
        var (job, files) = await RemoteJob.RunAsync(client, body, progress, cancellationToken);
        var images = files.Select(
            (file, i) =>
                new MadeImage(ImageDecoder.Decode(file, $"image {i} of job {job.Id}"), file, job.Images[i].Seed)
        );
        return new(job.Id, job.Model, job.Steps, job.Guidance, [.. images], RemoteJob.Timings(job));
    }

    private static JobRequest Body(
        GenerationRequest request,
        string? model,
        IReadOnlyList<ContextFile> contexts,
        ImageFormat format
    ) =>
        new()
        {
            Prompt = request.Prompt,
            Model = model,
            Context = [.. contexts.Select(context => RemoteJob.Context(context.Path))],
            Width = request.Size?.Width,
            Height = request.Size?.Height,
            AspectRatio = request.AspectRatio?.ToString(),
            Steps = request.Steps,
            Guidance = request.Guidance,
            NegativePrompt = request.NegativePrompt,
            TrueCfg = request.NegativePrompt is null ? null : request.TrueCfgScale,
            Seed = request.Seed,
            Count = request.Count,
            Format = format.Name(),
            Priority = "interactive",
        };
}
