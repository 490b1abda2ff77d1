namespace Kontext.Storage.Tensors;

/// <summary>What a tensor is to whoever looks for it; by these the use of the cache is counted.</summary>
public enum TensorKind
{
    /// <summary>An encoded prompt, by its text.</summary>
    Prompt,

    /// <summary>An encoded picture, by its pixels.</summary>
    Context,

    /// <summary>What one task leaves for the next.</summary>
    Handover,
}
