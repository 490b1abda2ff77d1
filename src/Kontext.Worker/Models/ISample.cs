using Kontext.Flux.Stages;

namespace Kontext.Worker.Models;

/// <summary>An image on its way from noise.</summary>
internal interface ISample
{
    /// <summary>Samples of one model and equal shape can share a step.</summary>
    SampleShape Shape { get; }

    /// <summary>
    /// The latents now; changed by every step. Until it is done or has left they are read on the device's thread alone.
    /// </summary>
    PackedLatents Latents { get; }

    /// <summary>What the latents are going to be, as the last step saw it; changed by every step.</summary>
    PackedLatents Predicted { get; }

    /// <summary>Steps taken.</summary>
    int StepIndex { get; }

    /// <summary>Whether all steps are taken.</summary>
    bool IsDone { get; }

    /// <summary>It takes no more steps here, whether it is done or not. On the device's thread.</summary>
    void Leave();
}
