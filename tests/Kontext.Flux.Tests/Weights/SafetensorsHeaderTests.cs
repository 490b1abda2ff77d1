using System.Text;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Weights;

public sealed class SafetensorsHeaderTests
{
    [Theory]
    // Not the JSON of a header.
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "not a JSON StartObject")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}{}", "not valid JSON")]
    [InlineData("{} x", "not valid JSON")]
    [InlineData("""{"a":1}""", "tensor 'a' is not a JSON StartObject")]
    [InlineData("""{"__metadata__":[]}""", "__metadata__ is not a JSON StartObject")]
    [InlineData("""{"__metadata__":{"a":1}}""", "__metadata__ 'a' is not a JSON String")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "not valid JSON")]
    // Fields.
    [InlineData("""{"a":{}}""", "needs dtype, shape and two data_offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4]}}""", "needs dtype")]
    [InlineData("""{"a":{"shape":[4],"data_offsets":[0,4]}}""", "needs dtype")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,4]}}""", "needs dtype")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,2,4]}}""", "two data_offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4]}}""", "two data_offsets")]
    [InlineData("""{"a":{"dtype":"u8","shape":[4],"data_offsets":[0,4]}}""", "unknown dtype 'u8'")]
    [InlineData("""{"a":{"dtype":"","shape":[4],"data_offsets":[0,4]}}""", "unknown dtype ''")]
    [InlineData("""{"a":{"dtype":1,"shape":[4],"data_offsets":[0,4]}}""", "dtype of 'a' is not a JSON String")]
    [InlineData("""{"a":{"dtype":"U8","shape":4,"data_offsets":[0,4]}}""", "shape of 'a' is not a JSON StartArray")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", "none negative")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4.5],"data_offsets":[0,4]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[[4]],"data_offsets":[0,4]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,4]}}""", "whole numbers")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""",
        "at most 16"
    )]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1}}""", "unknown field 'x'")]
    // Names.
    [InlineData("""{"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "name is empty")]
    [InlineData("""{"a\u0000":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "control characters")]
    [InlineData("""{"a\n":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "control characters")]
    [InlineData("""{"\u0085":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "control characters")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        "'a' appears twice"
    )]
    // Ranges.
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", "lies at 4..0, outside the 4 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", "outside the 4 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", "outside the 4 bytes")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""",
        "outside the 4 bytes"
    )]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "1 bytes at the end belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "leaves a hole")]
    [InlineData("{}", "4 bytes at the end belong to no tensor")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        "tensor 'b' overlaps another"
    )]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        "tensor 'b' overlaps another or leaves a hole"
    )]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        "overlaps another"
    )]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}""",
        "tensor 'b' overlaps another"
    )]
    // Type times shape.
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}""", "F32[4] but has 4 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,4]}}""", "U8[0] but has 4 bytes")]
    [InlineData("""{"a":{"dtype":"F64","shape":[],"data_offsets":[0,4]}}""", "F64[] but has 4 bytes")]
    // 2^62 · 4 wraps to 0, and 4 · (2^62 + 1) to 4.
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", "but has 0 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "but has 4 bytes")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""",
        "[4294967296, 4294967296] but has 0 bytes"
    )]
    public void A_header_that_does_not_describe_its_four_bytes_is_refused(string header, string reason) =>
        Refusal(Encoding.UTF8.GetBytes(header)).ShouldContain(reason);

    [Fact]
    public void Bytes_that_are_not_utf_8_are_refused() =>
        Refusal([.. "{\""u8, 0xFF, .. "\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}"u8])
            .ShouldContain("not valid JSON");

    [Fact]
    public void Depth_is_bounded() =>
        Refusal(Encoding.UTF8.GetBytes(new string('[', 100_000))).ShouldContain("not a JSON StartObject");

    [Theory]
    [InlineData("BOOL", 4)]
    [InlineData("F8_E4M3", 4)]
    [InlineData("BF16", 2)]
    [InlineData("F16", 2)]
    [InlineData("I32", 1)]
    public void Names_of_types_have_their_sizes(string dtype, int elements)
    {
        var json = $$$"""{"a":{"dtype":"{{{dtype}}}","shape":[{{{elements}}}],"data_offsets":[0,4]}}""";
        var header = SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(json), dataOffset: 100, dataLength: 4);
        header.Tensors["a"].ToString().ShouldBe($"a {dtype}[{elements}]");
        header.Tensors["a"].Offset.ShouldBe(100);
    }

    private static string Refusal(byte[] header) =>
        Should.Throw<FormatException>(() => SafetensorsHeader.Parse(header, dataOffset: 100, dataLength: 4)).Message;
}
