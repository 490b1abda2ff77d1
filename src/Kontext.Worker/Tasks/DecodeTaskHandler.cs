using System.Net.Mime;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Flux.Images;
using Kontext.Outbound.Filters;
using Kontext.Storage.Objects;
using Kontext.Storage.Tensors;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tasks;

/// <summary>Latents to an image file; the latents are stored beside it, so that a next edit can start from them.</summary>
internal sealed class DecodeTaskHandler(SharedTensors tensors, IObjectStore objects, ContentFilters filters)
{
    /// <summary>Runs a task.</summary>
    /// <returns>Null if the latents are gone from the cache.</returns>
    /// <exception cref="KontextException">It fails; the code says why.</exception>
    public async Task<DecodeOutput?> RunAsync(RunningTask running, DecodeWork work, LoadedModel model)
    {
        var format = ImageFormats.Parse(work.Format);
        if (await tensors.GetAsync(work.Denoised.Latents, running.Stopping) is not { } tensor)
        {
            return null;
        }
        var latents = StageTensors.Latents(tensor, work.Width, work.Height);
        var image = await running.ComputeAsync(() => model.Stages.Decode(latents));
        var provenance = new Provenance(work.Edited, model.Ref.Name, work.Seed, Provenance.ThisProgram);
        var file = ToFile(model, image, format, provenance);

        // Before anything of it is stored: what is refused exists nowhere.
        await filters.CheckAsync(
            new()
            {
                Kind = FilterKind.Output,
                Tenant = running.Task.Tenant,
                Job = running.Task.Job,
                Image = file,
                MediaType = format.MediaType(),
            },
            running.Stopping
        );

        var (job, sample) = (running.Task.Job, running.Task.Task.Sample);
        var output = new DecodeOutput(
            ObjectNames.Image(job, sample, running.Claim, work.Format),
            ObjectNames.Latents(job, sample, running.Claim),
            file.Length
        );
        await Task.WhenAll(
            objects.PutAsync(
                output.Latents,
                TensorFile.Write(output.Latents, tensor, model.Ref.Digest),
                MediaTypeNames.Application.Octet,
                running.Stopping
            ),
            objects.PutAsync(output.Image, file, format.MediaType(), running.Stopping)
        );
        return output;
    }

    private static byte[] ToFile(LoadedModel model, RgbImage image, ImageFormat format, Provenance provenance)
    {
        using var span = JobTrace.Part(SpanName.ImageEncode);
        return model.Stages.ToFile(image, format, provenance);
    }
}
