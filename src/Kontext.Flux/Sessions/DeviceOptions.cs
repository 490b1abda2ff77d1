using Kontext.Flux.Onnx;

namespace Kontext.Flux.Sessions;

/// <summary>What runs the graphs.</summary>
public enum DeviceKind
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU through CUDA; needs the GPU build.</summary>
    Cuda,

    /// <summary>An NVIDIA GPU through TensorRT, with CUDA for what it lacks; needs the GPU build.</summary>
    TensorRt,
}

/// <summary>Which device, and how it is used.</summary>
public sealed record DeviceOptions
{
    /// <summary>What runs the graphs.</summary>
    /// <value>The processor.</value>
    public DeviceKind Kind { get; init; } = DeviceKind.Cpu;

    /// <summary>Which of several GPUs.</summary>
    /// <value>The first.</value>
    public int DeviceId { get; init; }

    /// <summary>Type the large graphs compute in.</summary>
    /// <value>Single precision on the processor, bfloat16 on GPUs.</value>
    public Precision? Precision { get; init; }

    /// <summary>Threads of the processor that one graph uses.</summary>
    /// <value>0: as many as there are cores.</value>
    public int Threads { get; init; }

    /// <summary>Where TensorRT keeps the engines it builds.</summary>
    /// <value>Null: they are built anew every time.</value>
    public string? EngineCacheFolder { get; init; }

    /// <summary>A CUDA provider library to load, where ONNX Runtime's own package has none.</summary>
    /// <value>Null: the package's.</value>
    public string? CudaLibrary { get; init; }

    /// <summary>The type the large graphs compute in, once the device's own is filled in.</summary>
    public Precision EffectivePrecision =>
        Precision ?? (Kind == DeviceKind.Cpu ? Onnx.Precision.Float32 : Onnx.Precision.BFloat16);
}
