using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Weights;

public sealed class SafetensorsFileTests
{
    private const string Two = """
        {
          "__metadata__": {"note": "hi"},
          "b": {"dtype": "F32", "shape": [2], "data_offsets": [2, 10]},
          "a": {"dtype": "U8", "shape": [2, 1], "data_offsets": [0, 2]}
        }
        """;

    [Fact]
    public void A_valid_file_says_where_its_tensors_lie()
    {
        var bytes = SafetensorsBytes.Of(Two, 10);
        BitConverter.GetBytes(1.5f).CopyTo(bytes, bytes.Length - 4);
        using var file = new TemporaryFile(bytes);
        using var opened = SafetensorsFile.Open(file.Path, ErrorCode.InputInvalid);

        opened.Path.ShouldBe(file.Path);
        opened.Metadata.ShouldBe([new("note", "hi")]);
        opened.Tensors.Keys.ShouldBe(["a", "b"], ignoreOrder: true);
        var b = opened.Tensors["b"];
        b.ToString().ShouldBe("b F32[2]");
        (b.Offset, b.Length).ShouldBe((bytes.Length - 8, 8));
        opened.Read("b").Floats.ToArray().ShouldBe([0f, 1.5f]);
        opened.Read("a").ToString().ShouldBe("U8[2, 1]");
    }

    [Fact]
    public void A_real_file_reads_as_an_independent_reader_reads_it()
    {
        var expected = FixtureFile.Load("torch_rng.safetensors");
        using var opened = SafetensorsFile.Open(FixtureFile.PathOf("torch_rng.safetensors"), ErrorCode.InputInvalid);
        opened.Tensors.Keys.ShouldBe(expected.Tensors.Keys, ignoreOrder: true);
        foreach (var (name, tensor) in expected.Tensors)
        {
            var read = opened.Read(name);
            read.DType.Name().ShouldBe(tensor.DType);
            read.Shape.ShouldBe(tensor.Shape);
            read.Bytes.ToArray().ShouldBe(tensor.Bytes);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{}   ")]
    [InlineData("""{"empty":{"dtype":"F32","shape":[0,4611686018427387904],"data_offsets":[0,0]}}""")]
    public void A_file_may_hold_nothing(string header)
    {
        using var file = new TemporaryFile(SafetensorsBytes.Of(header, 0));
        using var opened = SafetensorsFile.Open(file.Path, ErrorCode.InputInvalid);
        opened.Tensors.Values.ShouldAllBe(tensor => tensor.Length == 0);
    }

    [Fact]
    public void Tensors_without_elements_may_lie_anywhere_between_others()
    {
        const string header = """
            {
              "b": {"dtype": "U8", "shape": [2], "data_offsets": [2, 4]},
              "between": {"dtype": "F64", "shape": [0, 9], "data_offsets": [2, 2]},
              "a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
              "before": {"dtype": "F64", "shape": [0], "data_offsets": [0, 0]},
              "after": {"dtype": "F64", "shape": [0], "data_offsets": [4, 4]}
            }
            """;
        using var file = new TemporaryFile(SafetensorsBytes.Of(header, 4));
        using var opened = SafetensorsFile.Open(file.Path, ErrorCode.InputInvalid);
        opened.Tensors.Count.ShouldBe(5);
        opened.Read("between").Count.ShouldBe(0);
    }

    [Fact]
    public void A_header_of_no_sensible_length_is_refused()
    {
        Refusal([]).ShouldContain("only 0 bytes");
        Refusal([1, 0, 0, 0, 0, 0, 0]).ShouldContain("only 7 bytes");
        Refusal(SafetensorsBytes.Length(0)).ShouldContain("not valid JSON");
        foreach (var length in (ulong[])[3, 4, long.MaxValue, (1UL << 63) + 2, ulong.MaxValue])
        {
            Refusal([.. SafetensorsBytes.Length(length), .. "{}"u8]).ShouldContain($"claims {length} bytes");
        }
    }

    [Fact]
    public void A_header_beyond_the_limit_is_refused_though_its_bytes_are_there()
    {
        const long beyond = SafetensorsHeader.MaxHeaderBytes + 1;
        using var file = new TemporaryFile(SafetensorsBytes.Length(beyond));
        using (var stream = File.OpenWrite(file.Path))
        {
            // A hole in the file: it costs no space.
            stream.SetLength(sizeof(ulong) + beyond);
        }
        Refusal(file).ShouldContain($"claims {beyond} bytes");
    }

    [Fact]
    public void Bytes_are_no_longer_given_once_the_file_is_closed()
    {
        using var file = new TemporaryFile(SafetensorsBytes.Of(Two, 10));
        var opened = SafetensorsFile.Open(file.Path, ErrorCode.InputInvalid);
        opened.Dispose();
        opened.Dispose();
        Should.Throw<ObjectDisposedException>(() => opened.Read("a"));
    }

    [Fact]
    public void What_is_not_a_file_is_not_found_whoever_is_to_blame()
    {
        using var folder = new TemporaryFolder();
        foreach (var path in (string[])[folder["missing"], folder["no", "such", "folder"], folder.Path, "", "a\0b"])
        {
            Should
                .Throw<KontextException>(() => SafetensorsFile.Open(path, ErrorCode.ModelCorrupt), path)
                .Code.ShouldBe(ErrorCode.FileNotFound);
        }
    }

    [Fact]
    public void Bits_flipped_in_a_header_change_what_is_read_or_are_refused()
    {
        var real = File.ReadAllBytes(FixtureFile.PathOf("rope_real.safetensors"));
        var headerEnd = 8 + (int)BitConverter.ToUInt64(real);
        Gen.Select(Gen.Int[0, headerEnd - 1], Gen.Byte)
            .Array[1, 4]
            .Sample(
                changes =>
                {
                    var bytes = real.ToArray();
                    foreach (var (at, value) in changes)
                    {
                        bytes[at] = value;
                    }
                    OpensOrIsRefused(bytes);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(400)
            );
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        var real = File.ReadAllBytes(FixtureFile.PathOf("rope_real.safetensors"));
        Gen.Int[0, real.Length - 1]
            .Sample(
                length => Refusal(real[..length]).ShouldContain("not a valid safetensors file"),
                seed: "0000000000001",
                iter: Profile.Iterations(100)
            );
    }

    [Fact]
    public void Headers_of_random_pieces_are_read_or_refused()
    {
        // Pieces that a header is made of, so that the search gets past the first brace.
        const string words =
            """{ } [ ] : , " "a" "dtype" "shape" "data_offsets" "F32" "U8" 0 4 -1 1e3 null true \ud800 \u0000 """
            + """9223372036854775807 "__metadata__" """;
        string[] pieces = [.. words.Split(' '), " ", "\0"];
        Gen.OneOf(pieces)
            .Array[0, 30]
            .Sample(
                parts => OpensOrIsRefused(SafetensorsBytes.Of("{\"a\":{" + string.Concat(parts), 4)),
                seed: "0000000000001",
                iter: Profile.Iterations(400)
            );
    }

    private static void OpensOrIsRefused(byte[] bytes)
    {
        using var file = new TemporaryFile(bytes);
        try
        {
            using var opened = SafetensorsFile.Open(file.Path, ErrorCode.InputInvalid);
            // What opens is consistent: every tensor can be read to its last byte.
            opened.Tensors.Keys.Sum(name => opened.Read(name).Bytes.Length).ShouldBeLessThan(bytes.Length);
        }
        catch (KontextException refusal)
        {
            refusal.Code.ShouldBe(ErrorCode.InputInvalid);
        }
    }

    private static string Refusal(byte[] bytes)
    {
        using var file = new TemporaryFile(bytes);
        return Refusal(file);
    }

    private static string Refusal(TemporaryFile file)
    {
        var refusal = Should.Throw<KontextException>(() => SafetensorsFile.Open(file.Path, ErrorCode.InputInvalid));
        refusal.Code.ShouldBe(ErrorCode.InputInvalid);
        refusal.Message.ShouldContain(file.Path);
        return refusal.Message;
    }
}
