using System.Globalization;
using Kontext.Contracts;
using Kontext.Flux.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Sessions;

/// <summary>Turns device options into ONNX Runtime's, and ONNX Runtime's failures into ours.</summary>
internal sealed class Device(DeviceOptions options)
{
    private static readonly string[] OutOfMemoryWords =
    [
        "Failed to allocate memory",
        "out of memory",
        "bad_alloc",
        "is smaller than requested bytes",
        "CUBLAS_STATUS_ALLOC_FAILED",
        "CUDNN_STATUS_ALLOC_FAILED",
    ];

    private static readonly string[] NotImplementedWords = ["NOT_IMPLEMENTED", "NotImplemented"];

    /// <summary>CUDA's libraries name themselves in what they report.</summary>
    private static readonly string[] DeviceWords = ["CUDA failure", "CUDA error", "CUDNN failure", "CUBLAS failure"];

    /// <summary>The options the device was made from.</summary>
    public DeviceOptions Options => options;

    /// <summary>Options of a new session on this device.</summary>
    /// <exception cref="KontextException"><see cref="Contracts.ErrorCode.DeviceUnavailable"/>.</exception>
    public SessionOptions CreateSessionOptions()
    {
        var session = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = options.Threads,
            // What fails is thrown, and told once by whoever catches it.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Threads that spin while they wait take the processor from the other graphs of this process, and from its owner.
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            if (options.Kind == DeviceKind.TensorRt)
            {
                using var tensorRt = new OrtTensorRTProviderOptions();
                tensorRt.UpdateOptions(TensorRtOptions());
                session.AppendExecutionProvider_Tensorrt(tensorRt);
            }
            if (options is { Kind: DeviceKind.Cuda, CudaLibrary: { } library })
            {
                var rest = CudaOptions();
                // The device that is appended is the choice.
                rest.Remove("device_id");
                CudaLibrary.Append(session, library, options.DeviceId, rest);
            }
            else if (options.Kind != DeviceKind.Cpu)
            {
                using var cuda = new OrtCUDAProviderOptions();
                cuda.UpdateOptions(CudaOptions());
                session.AppendExecutionProvider_CUDA(cuda);
            }
            return session;
        }
        catch (KontextException)
        {
            session.Dispose();
            throw;
        }
        // The CPU build of ONNX Runtime lacks the providers' entry points altogether.
        catch (Exception error)
            when (error is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            session.Dispose();
            throw new KontextException(
                ErrorCode.DeviceUnavailable,
                $"{options.Kind} device {options.DeviceId} cannot be used: {FirstLine(error)}",
                error
            );
        }
    }

    /// <summary>What a failure of ONNX Runtime means to a user.</summary>
    public KontextException Explain(OnnxRuntimeException error, string graph, GraphPrecision precision)
    {
        var reason = FirstLine(error);
        if (Says(error, OutOfMemoryWords))
        {
            return new(ErrorCode.OutOfMemory, $"{options.Kind} ran out of memory in '{graph}'.", error);
        }
        if (Says(error, NotImplementedWords))
        {
            return new(
                ErrorCode.PrecisionUnsupported,
                $"{options.Kind} cannot compute '{graph}' in {precision.ShortName()}: {reason}",
                error
            );
        }
        return Says(error, DeviceWords)
            ? new(ErrorCode.DeviceFailed, $"{options.Kind} failed in '{graph}': {reason}", error)
            : new(ErrorCode.ModelCorrupt, $"The graph '{graph}' cannot run: {reason}", error);
    }

    private Dictionary<string, string> CudaOptions() =>
        new()
        {
            ["device_id"] = Text(options.DeviceId),
            // Weights are most of the memory: growing by powers of two would take up to twice their size.
            ["arena_extend_strategy"] = "kSameAsRequested",
            // An exhaustive search of convolutions would cost seconds for each new size of image.
            ["cudnn_conv_algo_search"] = "HEURISTIC",
        };

    private Dictionary<string, string> TensorRtOptions()
    {
        var precision = options.EffectivePrecision;
        var tensorRt = new Dictionary<string, string>
        {
            ["device_id"] = Text(options.DeviceId),
            // TensorRT builds for single precision unless told that it may use less.
            ["trt_bf16_enable"] = precision == Precision.BFloat16 ? "1" : "0",
            ["trt_fp16_enable"] = precision == Precision.Float16 ? "1" : "0",
        };
        if (options.EngineCacheFolder is { } folder)
        {
            tensorRt["trt_engine_cache_enable"] = "1";
            tensorRt["trt_engine_cache_path"] = folder;
            tensorRt["trt_timing_cache_enable"] = "1";
            tensorRt["trt_timing_cache_path"] = folder;
        }
        return tensorRt;
    }

    private static bool Says(OnnxRuntimeException error, string[] words) =>
        words.Any(word => error.Message.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string FirstLine(Exception error) => error.Message.Split('\n')[0];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
