using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Sessions;

/// <summary>A batch of <see cref="ExportedTransformer"/>.</summary>
internal sealed class ExportedBatch(
    TransformerConfig config,
    ExportedGraph export,
    BatchShape shape,
    GraphSession graph
) : TransformerBatch(shape)
{
    private readonly HostBuffer _text = new();
    private readonly HostBuffer _pooled = new();
    private readonly HostBuffer _guidance = new();
    private readonly HostBuffer _context = new();
    private readonly HostBuffer _positions = new();
    private readonly HostBuffer _latents = new();
    private readonly HostBuffer _timesteps = new();
    private readonly HostBuffer _velocity = new();

    /// <summary>Rows that go through the graph together: all, or one after the other.</summary>
    private int _rowsAtOnce;

    /// <summary>Whether the graph holds what <see cref="Prepare"/> was given.</summary>
    private bool _isFilled;

    /// <inheritdoc/>
    public override TimeSpan Computed => graph.Computed;

    /// <inheritdoc/>
    public override Span<float> Text => _text.Of(Shape.Batch, Shape.TextTokens, config.TextWidth);

    /// <inheritdoc/>
    public override Span<float> Pooled => _pooled.Of(Shape.Batch, config.VectorWidth);

    /// <inheritdoc/>
    public override Span<float> Guidance => config.GuidanceEmbedding ? _guidance.Of(Shape.Batch) : [];

    /// <inheritdoc/>
    public override Span<float> Context => _context.Of(Shape.Batch, Shape.ContextTokens, config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Positions => _positions.Of(Shape.Batch, Shape.AllTokens, PositionIds.Axes);

    /// <inheritdoc/>
    public override Span<float> Latents => _latents.Of(Shape.Batch, Shape.TargetTokens, config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Timesteps => _timesteps.Of(Shape.Batch);

    /// <inheritdoc/>
    public override void Prepare(IReadOnlyCollection<int> rows)
    {
        _rowsAtOnce = CanRunTogether() ? Shape.Batch : 1;
        _isFilled = false;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step()
    {
        var velocity = _velocity.Of(Shape.Batch, Shape.TargetTokens, config.InChannels);
        for (var first = 0; first < Shape.Batch; first += _rowsAtOnce)
        {
            Run(first);
        }
        return velocity;
    }

    /// <inheritdoc/>
    public override void Dispose() => graph.Dispose();

    /// <summary>Positions that are given once are those of all rows; and a graph may be made for one row.</summary>
    private bool CanRunTogether()
    {
        if (export.Fixed("hidden_states", 0) == 1)
        {
            return false;
        }
        for (var row = 1; row < Shape.Batch && !TakesPositionsByRow; row++)
        {
            if (!_positions.Row(row, Shape.Batch).SequenceEqual(_positions.Row(0, Shape.Batch)))
            {
                return false;
            }
        }
        return true;
    }

    private bool TakesPositionsByRow => export.Inputs["img_ids"].Shape.Count > 2;

    /// <summary>Runs as many rows as go together.</summary>
    private void Run(int first)
    {
        if (!_isFilled)
        {
            FillConstants(first);
            _isFilled = _rowsAtOnce == Shape.Batch;
        }
        var hidden = graph.Input<float>("hidden_states", _rowsAtOnce, Shape.ImageTokens, config.InChannels);
        var timesteps = graph.Input<float>("timestep", _rowsAtOnce);
        var (all, target) = (Shape.ImageTokens * config.InChannels, Shape.TargetTokens * config.InChannels);
        for (var row = 0; row < _rowsAtOnce; row++)
        {
            var tokens = hidden.Slice(row * all, all);
            _latents.Row(first + row, Shape.Batch).CopyTo(tokens);
            _context.Row(first + row, Shape.Batch).CopyTo(tokens[target..]);
            timesteps[row] = _timesteps.Values[first + row];
        }
        var sample = graph.Output("sample", _rowsAtOnce, Shape.ImageTokens, config.InChannels);
        graph.Run();
        for (var row = 0; row < _rowsAtOnce; row++)
        {
            sample.Slice(row * all, target).CopyTo(_velocity.Row(first + row, Shape.Batch));
        }
    }

    private void FillConstants(int first)
    {
        var text = graph.Input<float>("encoder_hidden_states", _rowsAtOnce, Shape.TextTokens, config.TextWidth);
        var pooled = graph.Input<float>("pooled_projections", _rowsAtOnce, config.VectorWidth);
        var guidance = config.GuidanceEmbedding ? graph.Input<float>("guidance", _rowsAtOnce) : [];
        var textIds = Ids("txt_ids", Shape.TextTokens);
        var imageIds = Ids("img_ids", Shape.ImageTokens);
        for (var row = 0; row < _rowsAtOnce; row++)
        {
            _text.Row(first + row, Shape.Batch).CopyTo(Part(text, row));
            _pooled.Row(first + row, Shape.Batch).CopyTo(Part(pooled, row));
            if (!guidance.IsEmpty)
            {
                guidance[row] = _guidance.Values[first + row];
            }
            var positions = _positions.Row(first + row, Shape.Batch);
            var split = Shape.TextTokens * PositionIds.Axes;
            Place(positions[..split], textIds, row);
            Place(positions[split..], imageIds, row);
        }

        // Where positions are given once, those of the first row stand for all.
        static void Place(Span<float> positions, Span<float> ids, int row)
        {
            if ((row + 1) * positions.Length <= ids.Length)
            {
                positions.CopyTo(ids[(row * positions.Length)..]);
            }
        }

        Span<float> Part(Span<float> values, int row) =>
            values.Slice(row * (values.Length / _rowsAtOnce), values.Length / _rowsAtOnce);

        Span<float> Ids(string name, int tokens) =>
            export.Inputs[name].Shape.Count > 2
                ? graph.Input<float>(name, _rowsAtOnce, tokens, PositionIds.Axes)
                : graph.Input<float>(name, tokens, PositionIds.Axes);
    }
}
