using System.Text.RegularExpressions;
using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Flux.Sessions;

namespace Kontext.Cli.Doctor;

/// <summary>Whether the device is there and ONNX Runtime can be opened on it.</summary>
internal sealed partial class DeviceCheckup(DeviceOptions device) : ICheckup
{
    /// <summary>What NVIDIA's and ONNX Runtime's libraries begin with, and what each comes with.</summary>
    private static readonly (string Library, string Package)[] Packages =
    [
        ("libcudnn", "cuDNN 9"),
        ("libcublas", "CUDA 12 (cuBLAS)"),
        ("libcufft", "CUDA 12 (cuFFT)"),
        ("libcurand", "CUDA 12 (cuRAND)"),
        ("libcudart", "CUDA 12 (its runtime)"),
        ("libnvrtc", "CUDA 12 (NVRTC)"),
        ("libnvinfer", "TensorRT 10"),
        ("libnvonnxparser", "TensorRT 10"),
        ("libcuda.", "NVIDIA's driver"),
    ];

    /// <inheritdoc/>
    public string Subject => "device";

    /// <inheritdoc/>
    public string Place => $"The device {Name}";

    private string Name =>
        device.Kind == DeviceKind.Cpu ? "cpu" : $"{device.Kind.ToString().ToLowerInvariant()}:{device.DeviceId}";

    /// <inheritdoc/>
    public Task<Finding> RunAsync(CancellationToken cancellationToken) => Task.FromResult(Look());

    private Finding Look()
    {
        try
        {
            GraphCheck.CheckDevice(device);
            var found = DeviceDescription.Of(device);
            var memory = found.MemoryBytes is { } bytes ? $", {bytes >> 30} GiB" : "";
            return Finding.Ok($"{found.Kind}, {found.Architecture}{memory}");
        }
        catch (KontextException error)
        {
            return Finding.Fault(error, Advice(error));
        }
    }

    /// <summary>What to do about a device that cannot be used, from what the loader, ONNX Runtime or the driver says.</summary>
    internal static string? Advice(KontextException error)
    {
        if (
            error.InnerException is EntryPointNotFoundException
            || error.Message.Contains("not enabled in this build", StringComparison.Ordinal)
        )
        {
            return "This build computes on processors only: build it with -p:KontextGpu=true, take the GPU container, or use --device cpu.";
        }
        if (Missing().Match(error.Message) is { Success: true } missing)
        {
            var library = missing.Groups[1].Value;
            var package = Packages
                .FirstOrDefault(one => library.StartsWith(one.Library, StringComparison.Ordinal))
                .Package;
            return $"{library} is missing"
                + (package is null ? "" : $", which comes with {package}")
                + ": install it, and see that the loader finds it (LD_LIBRARY_PATH, ldconfig -p).";
        }
        if (error.Message.Contains("driver version is insufficient", StringComparison.OrdinalIgnoreCase))
        {
            return "The driver is older than this CUDA: update NVIDIA's driver ('nvidia-smi' shows up to which CUDA it goes).";
        }
        return error.Message.Contains("driver", StringComparison.OrdinalIgnoreCase)
            ? "See that 'nvidia-smi' lists the GPU here; in a container, that it was given one (--gpus, nvidia.com/gpu)."
            : "Name a GPU that 'nvidia-smi' lists, or use --device cpu.";
    }

    [GeneratedRegex(@"(lib[\w.+-]+?\.so[.\d]*): cannot open shared object file")]
    private static partial Regex Missing();
}
