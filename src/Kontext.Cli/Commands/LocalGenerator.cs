using Kontext.Flux;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary>Makes images in this process, the three stages one after the other.</summary>
internal sealed class LocalGenerator(ModelBundle bundle, DeviceOptions device) : IGenerator
{
    private GenerationPlan? _plan;

    public void Prepare(GenerationRequest request) => _plan = GenerationPlan.Create(request, bundle.Manifest.Sampling);

    public Task<MadeImages> MakeAsync(
        IReadOnlyList<ContextFile> contexts,
        ImageFormat format,
        IProgress<WorkProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var plan = _plan!;
        using var pipeline = KontextPipeline.Open(bundle, device);
        var result = pipeline.Run(plan, [.. contexts.Select(context => context.Image)], progress, cancellationToken);
        var model = bundle.Manifest.Name;
        var images = result.Images.Select(made =>
        {
            var provenance = new Provenance(contexts.Count > 0, model, made.Seed, Provenance.ThisProgram);
            return new MadeImage(made.Image, ImageEncoder.Encode(made.Image, format, provenance), made.Seed);
        });
        var id = Guid.CreateVersion7().ToString();
        return Task.FromResult<MadeImages>(new(id, model, plan.Steps, plan.Guidance, [.. images], result.Timings));
    }
}
