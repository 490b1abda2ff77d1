using Kontext.Contracts.Tensors;

namespace Kontext.Worker.Tasks;

/// <summary>Latents as they lie in the object store beside the image.</summary>
internal static class LatentsObject
{
    public static byte[] Write(HostTensor tensor, string producer) => throw new NotSupportedException();

    public static HostTensor Read(byte[] bytes) => throw new NotSupportedException();
}
