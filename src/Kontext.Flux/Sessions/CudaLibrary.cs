using Kontext.Contracts;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Sessions;

/// <summary>
/// CUDA from a provider library that did not come with ONNX Runtime's package, for where that package cannot be had. The
/// library must be of the same version of ONNX Runtime.
/// </summary>
internal static class CudaLibrary
{
    private const string Provider = "CUDAExecutionProvider";
    private static readonly Lock Registering = new();
    private static readonly HashSet<string> Registered = new(StringComparer.Ordinal);

    /// <summary>Makes sessions run on one of the GPUs that the library finds.</summary>
    /// <exception cref="OnnxRuntimeException">The library cannot be loaded.</exception>
    /// <exception cref="KontextException">It finds no such GPU.</exception>
    public static void Append(
        SessionOptions session,
        string path,
        int deviceId,
        IReadOnlyDictionary<string, string> options
    )
    {
        var environment = OrtEnv.Instance();
        lock (Registering)
        {
            if (!Registered.Contains(path))
            {
                environment.RegisterExecutionProviderLibrary(path, path);
                Registered.Add(path);
            }
        }
        OrtEpDevice[] devices = [.. environment.GetEpDevices().Where(device => device.EpName == Provider)];
        if (deviceId >= devices.Length)
        {
            throw new KontextException(
                ErrorCode.DeviceUnavailable,
                $"'{path}' finds {devices.Length} GPUs, which leaves none with the number {deviceId}."
            );
        }
        session.AppendExecutionProvider(environment, [devices[deviceId]], options);
    }
}
