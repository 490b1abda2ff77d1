using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Sessions;

/// <summary>
/// One graph loaded on a device. Inputs and outputs are bound buffers that stay while their shape stays, so a step
/// copies no more than it must. Names and types are ours, whatever an exported graph calls and keeps them. Used by one
/// thread at a time.
/// </summary>
internal sealed class GraphSession : IDisposable
{
    private readonly BundleGraph _graph;
    private readonly string _name;
    private readonly Device _device;
    private readonly InferenceSession _session;
    private readonly bool _ownsGraph;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _runOptions = new();
    private readonly Dictionary<string, PortBuffer> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PortBuffer> _outputs = new(StringComparer.Ordinal);

    /// <summary>Inputs that may have been filled since they were bound.</summary>
    private readonly HashSet<string> _filled = new(StringComparer.Ordinal);

    private long _ticks;

    private GraphSession(BundleGraph graph, Device device, InferenceSession session, bool ownsGraph)
    {
        _graph = graph;
        _name = NameOf(graph);
        _device = device;
        _session = session;
        _ownsGraph = ownsGraph;
        _binding = session.CreateIoBinding();
    }

    /// <summary>Loads a graph; its weights must lie in the same folder or below.</summary>
    /// <exception cref="KontextException">The graph is damaged, or the device cannot run or hold it.</exception>
    public static GraphSession Load(BundleGraph graph, Device device)
    {
        if (graph.Export is { NeedsTensorRt: true } && device.Options.Kind != DeviceKind.TensorRt)
        {
            throw new KontextException(
                ErrorCode.PrecisionUnsupported,
                $"{device.Options.Kind} cannot compute '{graph.Path}': it was exported in {graph.Precision.ShortName()} with "
                    + "operators of TensorRT, and needs --device tensorrt."
            );
        }
        using var options = device.CreateSessionOptions();
        try
        {
            return new(graph, device, new InferenceSession(graph.Path, options), ownsGraph: true);
        }
        catch (OnnxRuntimeException error)
        {
            throw device.Explain(error, graph.Path, graph.Precision);
        }
    }

    /// <summary>Time that the runtime has computed in all.</summary>
    public TimeSpan Computed => Stopwatch.GetElapsedTime(0, _ticks);

    /// <summary>The same loaded graph with buffers of its own; to be disposed before this one.</summary>
    public GraphSession WithOwnBuffers() => new(_graph, _device, _session, ownsGraph: false);

    /// <summary>Host memory of an input, for the caller to fill before the next run.</summary>
    /// <exception cref="KontextException">There is no memory for it, or the graph takes no such shape.</exception>
    public Span<T> Input<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var port = _graph.Export?.Inputs[name];
        var buffer = Buffer(_inputs, name, typeof(T) == typeof(long) ? DType.I64 : DType.F32, port, shape, out _);
        _filled.Add(name);
        return buffer.Numbers<T>();
    }

    /// <summary>Binds what another graph of this device computed, without a copy.</summary>
    public void Input(string name, OrtValue value)
    {
        Forget(_inputs, name);
        _binding.BindInput(name, value);
    }

    /// <summary>Host memory that receives an output, for the caller to read after <see cref="Run"/>.</summary>
    /// <exception cref="KontextException">There is no memory for it.</exception>
    public ReadOnlySpan<float> Output(string name, params ReadOnlySpan<long> shape)
    {
        var port = _graph.Export?.Outputs[name];
        var buffer = Buffer(_outputs, name, DType.F32, port, shape, out var isNew);
        if (isNew)
        {
            _binding.BindOutput(port?.Name ?? name, buffer.Tensor);
        }
        return buffer.Numbers<float>();
    }

    /// <summary>Runs the graph on what is bound.</summary>
    /// <exception cref="KontextException">The device failed.</exception>
    public void Run()
    {
        try
        {
            BindFilled();
            var began = Stopwatch.GetTimestamp();
            _session.RunWithBinding(_runOptions, _binding);
            _ticks += Stopwatch.GetTimestamp() - began;
        }
        catch (OnnxRuntimeException error)
        {
            throw _device.Explain(error, _name, _graph.Precision);
        }
        foreach (var output in _outputs.Values)
        {
            output.FromGraph();
        }
    }

    /// <summary>Runs the graph and leaves its outputs in the device's memory.</summary>
    /// <returns>The outputs in the graph's order; the caller disposes them.</returns>
    /// <exception cref="KontextException">The device failed.</exception>
    public IDisposableReadOnlyCollection<OrtValue> RunOnDevice()
    {
        using var memory =
            _device.Options.Kind == DeviceKind.Cpu
                ? new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default)
                : new OrtMemoryInfo(
                    OrtMemoryInfo.allocatorCUDA,
                    OrtAllocatorType.ArenaAllocator,
                    _device.Options.DeviceId,
                    OrtMemType.Default
                );
        try
        {
            BindFilled();
            foreach (var name in _session.OutputNames)
            {
                _binding.BindOutputToDevice(name, memory);
            }
            return _session.RunWithBoundResults(_runOptions, _binding);
        }
        catch (OnnxRuntimeException error)
        {
            throw _device.Explain(error, _name, _graph.Precision);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        foreach (var buffer in _inputs.Values.Concat(_outputs.Values))
        {
            buffer.Dispose();
        }
        _runOptions.Dispose();
        if (_ownsGraph)
        {
            _session.Dispose();
        }
    }

    /// <summary>
    /// To bind host memory on a GPU is to copy it there as it is then: it must come after the caller has filled it, and
    /// need not come again while it stays.
    /// </summary>
    private void BindFilled()
    {
        foreach (var name in _filled)
        {
            var buffer = _inputs[name];
            buffer.ToGraph();
            _binding.BindInput(_graph.Export?.Inputs[name].Name ?? name, buffer.Tensor);
        }
        _filled.Clear();
    }

    private PortBuffer Buffer(
        Dictionary<string, PortBuffer> buffers,
        string name,
        DType ours,
        GraphPort? port,
        ReadOnlySpan<long> shape,
        out bool isNew
    )
    {
        isNew = false;
        if (buffers.TryGetValue(name, out var buffer))
        {
            if (buffer.Has(shape))
            {
                return buffer;
            }
            Forget(buffers, name);
        }
        if (port?.Takes(shape) == false)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"The graph '{_name}' was exported for {port}, and has no place for [{string.Join(", ", shape.ToArray())}]."
            );
        }
        isNew = true;
        try
        {
            buffer = new PortBuffer(ours, port?.Type ?? ours, shape);
        }
        catch (OnnxRuntimeException error)
        {
            throw _device.Explain(error, _name, _graph.Precision);
        }
        buffers.Add(name, buffer);
        return buffer;
    }

    private void Forget(Dictionary<string, PortBuffer> buffers, string name)
    {
        if (buffers.Remove(name, out var buffer))
        {
            buffer.Dispose();
        }
        _filled.Remove(name);
    }

    private static string NameOf(BundleGraph graph) =>
        graph.Export?.File ?? Path.GetFileNameWithoutExtension(graph.Path);
}
