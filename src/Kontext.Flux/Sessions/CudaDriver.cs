using System.Runtime.InteropServices;
using System.Text;
using Kontext.Contracts;

namespace Kontext.Flux.Sessions;

/// <summary>What NVIDIA's driver says of a GPU. The driver is there wherever CUDA runs, whichever build this is.</summary>
internal static unsafe partial class CudaDriver
{
    private const string Library = "libcuda.so.1";
    private const int NameBytes = 256;

    // Of CUdevice_attribute in cuda.h.
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;

    /// <summary>Name, compute capability such as <c>sm_90</c>, and memory in bytes.</summary>
    /// <param name="ordinal">Number of the GPU among those that this process may see.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.DeviceUnavailable"/>.</exception>
    public static (string Name, string Architecture, long MemoryBytes) Describe(int ordinal)
    {
        try
        {
            Check(Init(0), ordinal);
            Check(DeviceGet(out var device, ordinal), ordinal);
            var name = stackalloc byte[NameBytes];
            Check(DeviceGetName(name, NameBytes, device), ordinal);
            Check(DeviceTotalMem(out var bytes, device), ordinal);
            Check(DeviceGetAttribute(out var major, ComputeCapabilityMajor, device), ordinal);
            Check(DeviceGetAttribute(out var minor, ComputeCapabilityMinor, device), ordinal);
            var text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
            return (text, $"sm_{major}{minor}", (long)bytes);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new KontextException(
                ErrorCode.DeviceUnavailable,
                $"NVIDIA's driver cannot be loaded: {error.Message}",
                error
            );
        }
    }

    private static void Check(int result, int ordinal)
    {
        if (result != 0)
        {
            throw new KontextException(
                ErrorCode.DeviceUnavailable,
                $"NVIDIA's driver refuses GPU {ordinal} with error {result}."
            );
        }
    }

    [LibraryImport(Library, EntryPoint = "cuInit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Init(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DeviceGet(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DeviceGetName(byte* name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DeviceTotalMem(out nuint bytes, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetAttribute")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DeviceGetAttribute(out int value, int attribute, int device);
}
