using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>
/// Samples side by side in the buffers of one shape. A sample that comes again finds its row as it was, whoever else comes and
/// goes; and while it stays, its latents live in the row and nowhere else.
/// </summary>
internal sealed class DenoiseBatch(TransformerBatch rows) : IDisposable
{
    private readonly DenoiseRow?[] _rows = new DenoiseRow?[rows.Shape.Batch];

    /// <summary>Time that the runtime has computed steps in all.</summary>
    public TimeSpan Computed => rows.Computed;

    /// <summary>Takes samples one step further that fill the batch.</summary>
    /// <exception cref="Contracts.KontextException">The device failed or ran out of memory; no sample has advanced.</exception>
    public void Step(IReadOnlyList<DenoiseSample> samples)
    {
        Seat(samples);
        var timesteps = rows.Timesteps;
        for (var row = 0; row < _rows.Length; row++)
        {
            timesteps[row] = _rows[row]!.Sample.Sigma;
        }
        var velocities = rows.Step();
        var latents = rows.Latents;
        for (var row = 0; row < _rows.Length; row++)
        {
            if (_rows[row] is { IsNegative: false } one)
            {
                Advance(one.Sample, row, latents, velocities);
            }
        }
        Mirror(latents);
    }

    /// <summary>The latents of a row.</summary>
    public Span<float> LatentsOf(int row) => rows.Row(rows.Latents, row);

    /// <summary>Forgets a sample that does not come again.</summary>
    public void Forget(DenoiseSample sample)
    {
        foreach (ref var row in _rows.AsSpan())
        {
            row = row?.Sample == sample ? null : row;
        }
    }

    /// <summary>Its samples take their latents with them.</summary>
    public void Dispose()
    {
        foreach (var row in _rows)
        {
            if (row?.Sample.Home?.Batch == this)
            {
                row.Sample.Leave();
            }
        }
        rows.Dispose();
    }

    /// <summary>Gives each a row, and fills the rows of those that had none.</summary>
    private void Seat(IReadOnlyList<DenoiseSample> samples)
    {
        var filled = Place(samples);
        if (filled.Count > 0)
        {
            // Until all of it is prepared nothing of it counts: a failure must not leave half a row behind.
            DenoiseRow[] placed = [.. filled.Select(row => _rows[row]!)];
            filled.ForEach(row => _rows[row] = null);
            foreach (var (row, one) in filled.Zip(placed))
            {
                Fill(row, one);
            }
            rows.Prepare(filled);
            foreach (var (row, one) in filled.Zip(placed))
            {
                _rows[row] = one;
            }
        }
        var latents = rows.Latents;
        for (var row = 0; row < _rows.Length; row++)
        {
            var (sample, isNegative) = _rows[row]!;
            if (!isNegative && sample.Home != new LatentHome(this, row))
            {
                sample.MoveTo(new(this, row));
            }
        }
        Mirror(latents);
    }

    /// <summary>Finds a row for each; rows of samples that are not here now are free.</summary>
    /// <returns>The rows that have others than before.</returns>
    private List<int> Place(IReadOnlyList<DenoiseSample> samples)
    {
        List<DenoiseRow>? missing = null;
        foreach (var sample in samples)
        {
            for (var i = 0; i < sample.Shape.Rows; i++)
            {
                var wanted = new DenoiseRow(sample, IsNegative: i > 0);
                if (!_rows.Contains(wanted))
                {
                    (missing ??= []).Add(wanted);
                }
            }
        }
        var filled = new List<int>();
        for (var row = 0; missing is not null && row < _rows.Length && filled.Count < missing.Count; row++)
        {
            if (_rows[row] is { } before)
            {
                if (samples.Contains(before.Sample))
                {
                    continue;
                }
                if (before.Sample.Home == new LatentHome(this, row))
                {
                    before.Sample.Leave();
                }
            }
            _rows[row] = missing[filled.Count];
            filled.Add(row);
        }
        return filled;
    }

    private void Fill(int row, DenoiseRow one)
    {
        var (input, conditioning) = (one.Sample.Input, one.Conditioning);
        conditioning.Text.CopyTo(rows.Row(rows.Text, row));
        conditioning.Pooled.CopyTo(rows.Row(rows.Pooled, row));
        var guidance = rows.Guidance;
        if (!guidance.IsEmpty)
        {
            guidance[row] = input.Guidance;
        }
        var tokens = rows.Row(rows.Context, row);
        foreach (var image in input.Contexts)
        {
            image.Tokens.CopyTo(tokens);
            tokens = tokens[image.Tokens.Length..];
        }
        one.Sample.Positions().CopyTo(rows.Row(rows.Positions, row));
    }

    private void Advance(DenoiseSample sample, int row, Span<float> latents, ReadOnlySpan<float> velocities)
    {
        var length = velocities.Length / _rows.Length;
        var velocity = velocities.Slice(row * length, length);
        if (sample.Shape.Rows > 1)
        {
            var combined = velocity.ToArray();
            var negative = RowOfNegative(sample);
            Guidance.Combine(combined, velocities.Slice(negative * length, length), sample.Input.TrueCfgScale);
            velocity = combined;
        }
        sample.Advance(rows.Row(latents, row), velocity);
    }

    /// <summary>The row of a negative prompt goes on from the same latents.</summary>
    private void Mirror(Span<float> latents)
    {
        for (var row = 0; row < _rows.Length; row++)
        {
            if (_rows[row] is { IsNegative: false, Sample.Shape.Rows: > 1 } one)
            {
                rows.Row(latents, row).CopyTo(rows.Row(latents, RowOfNegative(one.Sample)));
            }
        }
    }

    private int RowOfNegative(DenoiseSample sample) => Array.IndexOf(_rows, new(sample, IsNegative: true));
}
