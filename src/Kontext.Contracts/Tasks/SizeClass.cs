namespace Kontext.Contracts.Tasks;

/// <summary>How much memory a task needs, roughly: workers take the classes that fit them.</summary>
public enum SizeClass
{
    /// <summary>Up to 512 × 512 pixels.</summary>
    S,

    /// <summary>Up to about a megapixel: the sizes FLUX.1 Kontext was trained on.</summary>
    M,

    /// <summary>More.</summary>
    L,
}
