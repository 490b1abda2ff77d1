using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Files;
using Kontext.Flux.Images;

namespace Kontext.Flux.Weights;

/// <summary>Writes safetensors files: header padded with spaces to 8 bytes, then the tensors in the order given.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes the tensors to a file, whole or not at all.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.OutputUnwritable"/>.</exception>
    public static void WriteFile(string path, IReadOnlyList<KeyValuePair<string, HostTensor>> tensors)
    {
        using var content = new MemoryStream();
        Write(content, tensors);
        AtomicFile.Write(path, content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    /// <summary>Writes the tensors to a stream.</summary>
    public static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, HostTensor>> tensors)
    {
        stream.Write(Header(tensors.Select(tensor => (tensor.Key, tensor.Value.DType, tensor.Value.Shape))));
        foreach (var (_, tensor) in tensors)
        {
            stream.Write(tensor.Bytes);
        }
    }

    /// <summary>What comes before the tensors' bytes, which follow one another in the order given.</summary>
    internal static byte[] Header(IEnumerable<(string Name, DType DType, IReadOnlyList<long> Shape)> tensors)
    {
        var header = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var (name, dtype, shape) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", dtype.Name());
                json.WriteStartArray("shape");
                foreach (var extent in shape)
                {
                    json.WriteNumberValue(extent);
                }
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += shape.Aggregate((long)dtype.Size(), (bytes, extent) => bytes * extent));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        var padded = (header.WrittenCount + 7) / 8 * 8;
        var bytes = new byte[sizeof(ulong) + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)padded);
        header.WrittenSpan.CopyTo(bytes.AsSpan(sizeof(ulong)));
        bytes.AsSpan(sizeof(ulong) + header.WrittenCount).Fill((byte)' ');
        return bytes;
    }
}
