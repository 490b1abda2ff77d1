using System.Diagnostics.Metrics;

namespace Kontext.Contracts.Telemetry;

/// <summary>The meter that all instruments of this program belong to, and how those of one kind are made.</summary>
public static class Meters
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Kontext";

    /// <summary>Unit of times.</summary>
    public const string Seconds = "s";

    /// <summary>Unit of sizes.</summary>
    public const string Bytes = "By";

    /// <summary>
    /// From what a stage of a small model takes to what a person waits for at most, in seconds: about twice the last, so that a
    /// quantile is right within a factor of about 1.5.
    /// </summary>
    private static readonly double[] DurationBounds =
    [
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
        60,
        120,
        300,
        600,
    ];

    /// <summary>The meter; every caller of a host gets the same one.</summary>
    public static Meter Kontext(this IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return factory.Create(Name);
    }

    /// <summary>A histogram of times in seconds.</summary>
    public static Histogram<double> Durations(this Meter meter, string name, string description) =>
        meter.Histogram(name, Seconds, description, DurationBounds);

    /// <summary>A histogram with bounds of its own.</summary>
    public static Histogram<double> Histogram(
        this Meter meter,
        string name,
        string unit,
        string description,
        IReadOnlyList<double> bounds
    )
    {
        ArgumentNullException.ThrowIfNull(meter);
        return meter.CreateHistogram<double>(
            name,
            unit,
            description,
            tags: null,
            new() { HistogramBucketBoundaries = bounds }
        );
    }
}
