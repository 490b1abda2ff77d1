using Kontext.Cli.Doctor;
using Kontext.Contracts;

namespace Kontext.Cli.Tests.Doctor;

/// <summary>What the loader, ONNX Runtime and NVIDIA's driver say, of which most cannot be had where there is no GPU.</summary>
public sealed class DeviceAdviceTests
{
    [Theory]
    [InlineData("[ErrorCode:Fail] CUDA execution provider is not enabled in this build.", "-p:KontextGpu=true")]
    [InlineData(
        "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file or directory",
        "libcublasLt.so.12 is missing, which comes with CUDA 12 (cuBLAS)"
    )]
    [InlineData(
        "Failed to load library: libnvinfer.so.10: cannot open shared object file",
        "libnvinfer.so.10 is missing, which comes with TensorRT 10"
    )]
    [InlineData("libodd.so.3: cannot open shared object file", "libodd.so.3 is missing: install it")]
    [InlineData(
        "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version",
        "The driver is older than this CUDA"
    )]
    [InlineData("NVIDIA's driver cannot be loaded: Unable to load shared library 'libcuda.so.1'", "'nvidia-smi' lists")]
    [InlineData("NVIDIA's driver refuses GPU 3 with error 101.", "'nvidia-smi' lists")]
    [InlineData("'x.so' finds 1 GPUs, which leaves none with the number 3.", "Name a GPU that 'nvidia-smi' lists")]
    public void Each_has_its_own(string said, string advice) =>
        DeviceCheckup
            .Advice(new KontextException(ErrorCode.DeviceUnavailable, $"Cuda device 0 cannot be used: {said}"))
            .ShouldNotBeNull()
            .ShouldContain(advice);
}
