using Kontext.Flux.Stages;

namespace Kontext.Worker.Models;

/// <summary>An image on its way from noise.</summary>
internal interface ISample
{
    /// <summary>The latents now; changed by every step.</summary>
    PackedLatents Latents { get; }

    /// <summary>What the latents are going to be, as the last step saw it; changed by every step.</summary>
    PackedLatents Predicted { get; }

    /// <summary>Steps taken.</summary>
    int StepIndex { get; }

    /// <summary>Whether all steps are taken.</summary>
    bool IsDone { get; }

    /// <summary>Takes one step, on the device's thread.</summary>
    /// <exception cref="Contracts.KontextException">The device failed; the sample has not advanced.</exception>
    void Step();
}
