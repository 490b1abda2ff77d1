using System.Diagnostics;
using Kontext.Contracts.Telemetry;
using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Telemetry;

/// <summary>What the tensor cache shows in a job's trace.</summary>
internal static class TensorTrace
{
    /// <summary>It was in this process.</summary>
    public const string Memory = "memory";

    /// <summary>It was in the shared cache.</summary>
    public const string Hit = "hit";

    /// <summary>It was nowhere.</summary>
    public const string Miss = "miss";

    /// <summary>Tensors are looked up, and fetched where they are there.</summary>
    public static Activity? LookUp(int count) =>
        JobTrace.Part(SpanName.CacheLookup, ActivityKind.Client)?.SetTag(SpanAttribute.Tensors, count);

    /// <summary>Says what came of it.</summary>
    public static Activity? Found(this Activity? lookup, string result, long bytes) =>
        lookup?.SetTag(SpanAttribute.CacheResult, result).SetTag(SpanAttribute.Bytes, bytes);

    /// <summary>A tensor is stored.</summary>
    public static Activity? Put(HostTensor tensor) =>
        JobTrace.Part(SpanName.TensorPut, ActivityKind.Client)?.SetTag(SpanAttribute.Bytes, tensor.Memory.Length);
}
