using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Sessions;

/// <summary>
/// The transformer as exporters write it, in one graph: target and context tokens are one sequence, positions are inputs,
/// and the velocity is that of all tokens.
/// </summary>
internal sealed class ExportedTransformer : TransformerSession
{
    private readonly GraphSession _graph;
    private readonly ExportedGraph _export;
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

    /// <summary>Loads the graph.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.PrecisionUnsupported"/>: it computes in another precision than is asked for. The device cannot
    /// run or hold it.
    /// </exception>
    public ExportedTransformer(ModelBundle bundle, Device device)
        : base(bundle.Transformer)
    {
        var graph = bundle.Graph(GraphKind.Transformer, device.Options.EffectivePrecision);
        _export = graph.Export!;
        if (device.Options.Precision is { } asked && asked.OfGraph() != graph.Precision)
        {
            throw new KontextException(
                ErrorCode.PrecisionUnsupported,
                $"'{graph.Path}' was exported in {graph.Precision.ShortName()} and cannot compute in {asked.ShortName()}."
            );
        }
        _graph = GraphSession.Load(graph, device);
    }

    /// <inheritdoc/>
    public override Span<float> Text(BatchShape shape) => _text.Of(shape.Batch, shape.TextTokens, Config.TextWidth);

    /// <inheritdoc/>
    public override Span<float> Pooled(BatchShape shape) => _pooled.Of(shape.Batch, Config.VectorWidth);

    /// <inheritdoc/>
    public override Span<float> Guidance(BatchShape shape) => Config.GuidanceEmbedding ? _guidance.Of(shape.Batch) : [];

    /// <inheritdoc/>
    public override Span<float> Context(BatchShape shape) =>
        _context.Of(shape.Batch, shape.ContextTokens, Config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Positions(BatchShape shape) =>
        _positions.Of(shape.Batch, shape.AllTokens, PositionIds.Axes);

    /// <inheritdoc/>
    public override Span<float> Latents(BatchShape shape) =>
        _latents.Of(shape.Batch, shape.TargetTokens, Config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Timesteps(BatchShape shape) => _timesteps.Of(shape.Batch);

    /// <inheritdoc/>
    public override void Prepare(BatchShape shape)
    {
        _rowsAtOnce = CanRunTogether(shape) ? shape.Batch : 1;
        _isFilled = false;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(BatchShape shape)
    {
        var velocity = _velocity.Of(shape.Batch, shape.TargetTokens, Config.InChannels);
        for (var first = 0; first < shape.Batch; first += _rowsAtOnce)
        {
            Run(shape, first);
        }
        return velocity;
    }

    /// <inheritdoc/>
    public override void Dispose() => _graph.Dispose();

    /// <summary>Positions that are given once are those of all rows; and a graph may be made for one row.</summary>
    private bool CanRunTogether(BatchShape shape)
    {
        if (_export.Fixed("hidden_states", 0) == 1)
        {
            return false;
        }
        for (var row = 1; row < shape.Batch && !TakesPositionsByRow; row++)
        {
            if (!_positions.Row(row, shape.Batch).SequenceEqual(_positions.Row(0, shape.Batch)))
            {
                return false;
            }
        }
        return true;
    }

    private bool TakesPositionsByRow => _export.Inputs["img_ids"].Shape.Count > 2;

    /// <summary>Runs as many rows as go together.</summary>
    private void Run(BatchShape shape, int first)
    {
        if (!_isFilled)
        {
            FillConstants(shape, first);
            _isFilled = _rowsAtOnce == shape.Batch;
        }
        var hidden = _graph.Input<float>("hidden_states", _rowsAtOnce, shape.ImageTokens, Config.InChannels);
        var timesteps = _graph.Input<float>("timestep", _rowsAtOnce);
        var (all, target) = (shape.ImageTokens * Config.InChannels, shape.TargetTokens * Config.InChannels);
        for (var row = 0; row < _rowsAtOnce; row++)
        {
            var tokens = hidden.Slice(row * all, all);
            _latents.Row(first + row, shape.Batch).CopyTo(tokens);
            _context.Row(first + row, shape.Batch).CopyTo(tokens[target..]);
            timesteps[row] = _timesteps.Values[first + row];
        }
        var sample = _graph.Output("sample", _rowsAtOnce, shape.ImageTokens, Config.InChannels);
        _graph.Run();
        for (var row = 0; row < _rowsAtOnce; row++)
        {
            sample.Slice(row * all, target).CopyTo(_velocity.Row(first + row, shape.Batch));
        }
    }

    private void FillConstants(BatchShape shape, int first)
    {
        var text = _graph.Input<float>("encoder_hidden_states", _rowsAtOnce, shape.TextTokens, Config.TextWidth);
        var pooled = _graph.Input<float>("pooled_projections", _rowsAtOnce, Config.VectorWidth);
        var guidance = Config.GuidanceEmbedding ? _graph.Input<float>("guidance", _rowsAtOnce) : [];
        var textIds = Ids("txt_ids", shape.TextTokens);
        var imageIds = Ids("img_ids", shape.ImageTokens);
        for (var row = 0; row < _rowsAtOnce; row++)
        {
            _text.Row(first + row, shape.Batch).CopyTo(Part(text, row));
            _pooled.Row(first + row, shape.Batch).CopyTo(Part(pooled, row));
            if (!guidance.IsEmpty)
            {
                guidance[row] = _guidance.Values[first + row];
            }
            var positions = _positions.Row(first + row, shape.Batch);
            var split = shape.TextTokens * PositionIds.Axes;
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
            _export.Inputs[name].Shape.Count > 2
                ? _graph.Input<float>(name, _rowsAtOnce, tokens, PositionIds.Axes)
                : _graph.Input<float>(name, tokens, PositionIds.Axes);
    }
}
