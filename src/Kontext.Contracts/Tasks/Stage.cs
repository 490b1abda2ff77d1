namespace Kontext.Contracts.Tasks;

/// <summary>The three kinds of work.</summary>
public enum Stage
{
    /// <summary>Prompt and pictures to tensors; once per job.</summary>
    Encode,

    /// <summary>Noise to latents; once per sample.</summary>
    Denoise,

    /// <summary>Latents to a file; once per sample.</summary>
    Decode,
}
