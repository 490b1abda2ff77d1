namespace Kontext.Flux.Stages;

/// <summary>What a row of a batch computes: a sample by its prompt, or by its negative one.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="IsNegative">Whether by its negative prompt.</param>
internal sealed record DenoiseRow(DenoiseSample Sample, bool IsNegative)
{
    public Conditioning Conditioning => IsNegative ? Sample.Input.Negative! : Sample.Input.Prompt;
}
