using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Sessions;

/// <summary>What a device is, as far as its results and its speed depend on it.</summary>
/// <param name="Name">What people call it: <c>cpu</c>, or the GPU's name.</param>
/// <param name="Architecture">What chooses the kernels that run: two devices that agree in it compute alike.</param>
/// <param name="MemoryBytes">Memory of a GPU; null for the processor, which shares it.</param>
/// <param name="Options">The options it was described for.</param>
public sealed record DeviceDescription(string Name, string Architecture, long? MemoryBytes, DeviceOptions Options)
{
    /// <summary>Kind of device with its precision, for example <c>cpu fp32</c>: costs are learned per kind.</summary>
    public string Kind => $"{Name} {Options.EffectivePrecision.ShortName()}";

    /// <summary>Describes a device.</summary>
    /// <exception cref="KontextException"><see cref="Contracts.ErrorCode.DeviceUnavailable"/>.</exception>
    public static DeviceDescription Of(DeviceOptions options)
    {
        if (options.Kind == DeviceKind.Cpu)
        {
            return new("cpu", Processor(), MemoryBytes: null, options);
        }
        var (name, architecture, bytes) = CudaDriver.Describe(options.DeviceId);
        return new(name, $"{name} {architecture}", bytes, options);
    }

    /// <summary>
    /// The numeric class of a model here: bundle digest, precision, execution provider with its version, and device
    /// architecture. Within one, the same work gives the same bits.
    /// </summary>
    public string NumericClass(ModelManifest manifest) =>
        string.Join(
            '/',
            manifest.Digest,
            Options.EffectivePrecision.ShortName(),
            $"{Options.Kind} {OrtEnv.Instance().GetVersionString()}".ToLowerInvariant(),
            Architecture
        );

    /// <summary>
    /// ONNX Runtime picks kernels by instruction set and sizes its blocks by the caches, so the model of the processor
    /// counts and not its family alone.
    /// </summary>
    private static string Processor()
    {
        var bits =
            Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : 128;
        return $"{RuntimeInformation.ProcessArchitecture} {ProcessorModel()} {bits}".ToLowerInvariant();
    }

    private static string ProcessorModel()
    {
        const string Path = "/proc/cpuinfo";
        // The first names a processor of Intel or AMD, the others are what ARM has instead.
        string[] fields = ["model name", "CPU implementer", "CPU part"];
        return File.Exists(Path)
            ? string.Join(
                    ' ',
                    fields.Select(field =>
                        File.ReadLines(Path).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))
                            is { } line
                            ? line[(line.IndexOf(':') + 1)..].Trim()
                            : ""
                    )
                )
                .Trim()
            : "";
    }
}
