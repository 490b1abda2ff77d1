using NetVips;

namespace Kontext.Flux.Images;

/// <summary>libvips, set up for pictures from strangers.</summary>
internal static class Vips
{
    /// <summary>Held here, or the garbage collector would take it from under libvips.</summary>
    private static readonly Log.LogDelegate Silence = static (_, _, _) => { };

    static Vips()
    {
        // What matters of a damaged picture is in the exception; libvips would write the rest to standard error.
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
