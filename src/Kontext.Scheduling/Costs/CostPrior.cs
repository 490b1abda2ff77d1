using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Costs;

/// <summary>
/// What work is taken to cost before any like it has run: of the order of FLUX.1 Kontext [dev] on one large GPU. It counts for
/// the first jobs of a model only, and what it gets wrong is settled when they end.
/// </summary>
internal static class CostPrior
{
    /// <summary>One pass of the transformer over a megapixel: 28 of them, for an output and one context, are 11 s.</summary>
    private const double DenoiseMsPerMegapixel = 200;

    /// <summary>Text encoders and VAE.</summary>
    private const double OtherMsPerMegapixel = 100;

    /// <summary>Device-milliseconds of one unit of work.</summary>
    /// <param name="stage">Stage.</param>
    /// <param name="work">Megapixels, see <see cref="CostShape.Work"/>.</param>
    public static double MsPerUnit(Stage stage, double work) =>
        work * (stage == Stage.Denoise ? DenoiseMsPerMegapixel : OtherMsPerMegapixel);
}
