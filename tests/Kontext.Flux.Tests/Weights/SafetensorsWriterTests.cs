using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Weights;

public sealed class SafetensorsWriterTests
{
    private static readonly Gen<HostTensor> Tensors = Gen.Select(Gen.Enum<DType>(), Gen.Long[0, 4].Array[0, 4])
        .SelectMany(
            (dtype, shape) =>
            {
                var length = (int)HostTensor.Zeros(dtype, shape).Bytes.Length;
                return Gen.Byte.Array[length].Select(bytes => new HostTensor(dtype, shape, bytes));
            }
        );

    [Fact]
    public void What_is_written_is_read_again() =>
        // Names with quotes, backslashes, letters beyond ASCII; control characters have no place in a name.
        Gen.Select(Gen.String[Gen.Char["ab.\"\\/é日{}: "], 1, 12], Tensors)
            .Array[0, 6]
            .Sample(
                drawn =>
                {
                    KeyValuePair<string, HostTensor>[] written =
                    [
                        .. drawn
                            .DistinctBy(pair => pair.Item1)
                            .Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)),
                    ];
                    using var folder = new TemporaryFolder();
                    SafetensorsWriter.WriteFile(folder["file.safetensors"], written);
                    folder.Names.ShouldBe(["file.safetensors"]);
                    using var read = SafetensorsFile.Open(folder["file.safetensors"], ErrorCode.InputInvalid);
                    read.Tensors.Keys.ShouldBe(written.Select(pair => pair.Key), ignoreOrder: true);
                    foreach (var (name, tensor) in written)
                    {
                        var again = read.Read(name);
                        again.ToString().ShouldBe(tensor.ToString());
                        again.Bytes.ToArray().ShouldBe(tensor.Bytes.ToArray());
                    }
                },
                seed: "0000000000001",
                iter: Profile.Iterations(50)
            );

    [Fact]
    public void Data_starts_at_a_multiple_of_eight_in_the_order_given()
    {
        foreach (var length in Enumerable.Range(1, 9))
        {
            using var content = new MemoryStream();
            var first = new string('z', length);
            SafetensorsWriter.Write(content, [new(first, HostTensor.Of([1f], 1)), new("a", HostTensor.Of([2L], 1))]);
            using var file = new TemporaryFile(content.ToArray());
            using var read = SafetensorsFile.Open(file.Path, ErrorCode.InputInvalid);
            (read.Tensors[first].Offset % 8).ShouldBe(0);
            read.Tensors["a"].Offset.ShouldBe(read.Tensors[first].Offset + 4);
        }
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        var path = folder["missing", "file.safetensors"];
        var refusal = Should.Throw<KontextException>(() => SafetensorsWriter.WriteFile(path, []));
        refusal.Code.ShouldBe(ErrorCode.OutputUnwritable);
        refusal.Message.ShouldContain(path);
    }
}
