namespace Kontext.Flux.Weights;

/// <summary>How a bundle stores the matrices of its transformer.</summary>
public enum WeightStorage
{
    /// <summary>As published: the publisher's own files.</summary>
    AsPublished,

    /// <summary>8 bits per weight and a scale for every 32 of a row; they are expanded where they are multiplied.</summary>
    Int8,
}
