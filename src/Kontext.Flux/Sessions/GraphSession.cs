using Kontext.Contracts;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Kontext.Flux.Sessions;

/// <summary>
/// One graph loaded on a device. Inputs and outputs are bound buffers that stay while their shape stays, so a step
/// copies no more than it must. Used by one thread at a time.
/// </summary>
internal sealed class GraphSession : IDisposable
{
    private readonly string _name;
    private readonly Device _device;
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _runOptions = new();
    private readonly Dictionary<string, OrtValue> _buffers = new(StringComparer.Ordinal);

    /// <summary>Inputs that may have been filled since they were bound.</summary>
    private readonly HashSet<string> _filled = new(StringComparer.Ordinal);

    private GraphSession(string name, Device device, InferenceSession session)
    {
        _name = name;
        _device = device;
        _session = session;
        _binding = session.CreateIoBinding();
    }

    /// <summary>Loads a graph; its weights must lie in the same folder.</summary>
    /// <exception cref="KontextException">The graph is damaged, or the device cannot run or hold it.</exception>
    public static GraphSession Load(string path, Device device)
    {
        using var options = device.CreateSessionOptions();
        try
        {
            return new(Path.GetFileNameWithoutExtension(path), device, new InferenceSession(path, options));
        }
        catch (OnnxRuntimeException error)
        {
            throw device.Explain(error, path);
        }
    }

    /// <summary>Host memory of an input, for the caller to fill before the next run.</summary>
    /// <exception cref="KontextException">There is no memory for it.</exception>
    public Span<T> Input<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var buffer = Buffer(name, shape, TypeOf<T>(), out _);
        _filled.Add(name);
        return buffer.GetTensorMutableDataAsSpan<T>();
    }

    /// <summary>Binds what another graph of this device computed, without a copy.</summary>
    public void Input(string name, OrtValue value)
    {
        Forget(name);
        _binding.BindInput(name, value);
    }

    /// <summary>Host memory that receives an output, for the caller to read after <see cref="Run"/>.</summary>
    /// <exception cref="KontextException">There is no memory for it.</exception>
    public ReadOnlySpan<float> Output(string name, params ReadOnlySpan<long> shape)
    {
        var buffer = Buffer(name, shape, TensorElementType.Float, out var isNew);
        if (isNew)
        {
            _binding.BindOutput(name, buffer);
        }
        return buffer.GetTensorDataAsSpan<float>();
    }

    /// <summary>Runs the graph on what is bound.</summary>
    /// <exception cref="KontextException">The device failed.</exception>
    public void Run()
    {
        try
        {
            BindFilled();
            _session.RunWithBinding(_runOptions, _binding);
        }
        catch (OnnxRuntimeException error)
        {
            throw _device.Explain(error, _name);
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
            throw _device.Explain(error, _name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        foreach (var buffer in _buffers.Values)
        {
            buffer.Dispose();
        }
        _runOptions.Dispose();
        _session.Dispose();
    }

    /// <summary>
    /// To bind host memory on a GPU is to copy it there as it is then: it must come after the caller has filled it, and
    /// need not come again while it stays.
    /// </summary>
    private void BindFilled()
    {
        foreach (var name in _filled)
        {
            _binding.BindInput(name, _buffers[name]);
        }
        _filled.Clear();
    }

    private OrtValue Buffer(string name, ReadOnlySpan<long> shape, TensorElementType type, out bool isNew)
    {
        isNew = false;
        if (_buffers.TryGetValue(name, out var buffer))
        {
            if (buffer.GetTensorTypeAndShape().Shape.AsSpan().SequenceEqual(shape))
            {
                return buffer;
            }
            Forget(name);
        }
        isNew = true;
        try
        {
            buffer = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape.ToArray());
        }
        catch (OnnxRuntimeException error)
        {
            throw _device.Explain(error, _name);
        }
        _buffers.Add(name, buffer);
        return buffer;
    }

    private void Forget(string name)
    {
        if (_buffers.Remove(name, out var buffer))
        {
            buffer.Dispose();
        }
        _filled.Remove(name);
    }

    private static TensorElementType TypeOf<T>() =>
        typeof(T) == typeof(long) ? TensorElementType.Int64 : TensorElementType.Float;
}
