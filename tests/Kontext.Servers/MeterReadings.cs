using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Kontext.Servers;

/// <summary>A meter factory that keeps everything that is measured by what it has made.</summary>
public sealed class MeterReadings : IMeterFactory
{
    private readonly ConcurrentDictionary<string, Meter> _meters = new();
    private readonly ConcurrentQueue<Reading> _readings = new();
    private readonly MeterListener _listener = new();

    /// <summary>One that listens.</summary>
    public MeterReadings()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    /// <inheritdoc/>
    public Meter Create(MeterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _meters.GetOrAdd(
            options.Name,
            _ =>
            {
                options.Scope = this;
                return new(options);
            }
        );
    }

    /// <summary>What was measured under a name with these labels among its own, written <c>label=value</c>, in order.</summary>
    public IReadOnlyList<double> Of(string name, params string[] labels) =>
        [
            .. _readings
                .Where(reading => reading.Name == name && labels.All(reading.Labels.Contains))
                .Select(reading => reading.Value),
        ];

    /// <summary>The sum of <see cref="Of"/>.</summary>
    public double Sum(string name, params string[] labels) => Of(name, labels).Sum();

    /// <summary>What is observed now under a name, by its labels.</summary>
    public IReadOnlyDictionary<string, double> Observe(string name)
    {
        _readings.Clear();
        _listener.RecordObservableInstruments();
        return _readings
            .Where(reading => reading.Name == name)
            .ToDictionary(reading => string.Join(' ', reading.Labels), reading => reading.Value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters.Values)
        {
            meter.Dispose();
        }
    }

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new string[tags.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            labels[i] = $"{tags[i].Key}={tags[i].Value}";
        }
        _readings.Enqueue(new(instrument.Name, value, labels));
    }

    private sealed record Reading(string Name, double Value, IReadOnlyList<string> Labels);
}
