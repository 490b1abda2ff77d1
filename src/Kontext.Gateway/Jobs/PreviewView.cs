using Kontext.Contracts.Messages;

namespace Kontext.Gateway.Jobs;

/// <summary>A small picture of what an image is going to be: told as it happens, and to those who listen only.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Step">Steps taken.</param>
/// <param name="Steps">Steps to take.</param>
/// <param name="Data">A PNG as a data URI, at most 64 pixels along each side.</param>
public sealed record PreviewView(int Image, int Step, int Steps, string Data)
{
    /// <summary>The view of a preview as it was published.</summary>
    internal static PreviewView Of(JobProgress preview) =>
        new(
            preview.Task.Sample,
            preview.Step,
            preview.Steps,
            $"data:image/png;base64,{Convert.ToBase64String(preview.Preview ?? [])}"
        );
}
