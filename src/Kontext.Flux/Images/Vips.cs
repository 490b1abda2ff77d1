using NetVips;

namespace Kontext.Flux.Images;

/// <summary>libvips, set up for pictures from strangers.</summary>
internal static class Vips
{
    // Native code holds it for as long as the process lives.
    private static readonly Log.LogDelegate Silence = (_, _, _) => { };

    static Vips()
    {
        // It would write warnings to standard error; what matters in them comes as an exception too.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, Silence);
        // Loaders that libvips itself does not trust with hostile files stay shut.
        NetVips.NetVips.BlockUntrusted = true;
        // Requests run side by side; one picture need not use all cores, and no two are alike enough to cache.
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
    }

    /// <summary>Loads libvips if it is not loaded, with these settings.</summary>
    public static void EnsureReady() { }
}
