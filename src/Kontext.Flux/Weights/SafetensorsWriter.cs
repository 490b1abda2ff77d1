using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Kontext.Flux.Files;
using Kontext.Flux.Images;
using Kontext.Flux.Tensors;

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
        var header = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var (name, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", tensor.DType.Name());
                json.WriteStartArray("shape");
                foreach (var extent in tensor.Shape)
                {
                    json.WriteNumberValue(extent);
                }
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Bytes.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        var padding = (8 - (header.WrittenCount % 8)) % 8;
        header.GetSpan(padding)[..padding].Fill((byte)' ');
        header.Advance(padding);

        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.WrittenCount);
        stream.Write(length);
        stream.Write(header.WrittenSpan);
        foreach (var (_, tensor) in tensors)
        {
            stream.Write(tensor.Bytes);
        }
    }
}
