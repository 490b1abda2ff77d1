using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Weights;

public sealed class WeightMapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Tensors_of_several_files_are_found_in_theirs()
    {
        using var map = WeightMap.Open(
            Write("one", "layer.0.weight", "layer.1.weight"),
            Write("two", "layer.2.weight")
        );
        map.Names.ShouldBe(["layer.0.weight", "layer.1.weight", "layer.2.weight"], ignoreOrder: true);
        map.Has("layer.2.weight").ShouldBeTrue();
        map.Has("layer.3.weight").ShouldBeFalse();
        map.Locate("layer.1.weight").FileName.ShouldBe("one.safetensors");
        map.Locate("layer.2.weight").FileName.ShouldBe("two.safetensors");
        map.Locate("layer.2.weight").Entry.ToString().ShouldBe("layer.2.weight F32[2, 3]");
    }

    [Fact]
    public void Numbers_are_counted_from_zero_and_none_may_be_missing()
    {
        using var map = WeightMap.Open(Write("file", "a.0.w", "a.1.w", "a.1.v", "a.x.w", "b.0.w", "b.2.w", "d.0.v"));
        map.CountOf("a.", ".w").ShouldBe(2);
        map.CountOf("c.", ".w").ShouldBe(0);
        // Of a file that lacks a layer, a smaller model would be made without a word.
        Refusal(() => map.CountOf("b.", ".w")).ShouldContain("Tensor 'b.1.w' is missing");
        Refusal(() => map.CountOf("d.", ".w")).ShouldContain("'d.0.w' is missing");
    }

    [Fact]
    public void A_tensor_in_two_files_is_refused_with_both()
    {
        var (one, two) = (Write("one", "a", "b"), Write("two", "b"));
        var message = Refusal(() => WeightMap.Open(one, two));
        message.ShouldContain("'b'");
        message.ShouldContain(one);
        message.ShouldContain(two);
    }

    [Fact]
    public void A_missing_tensor_is_named_with_the_files_searched()
    {
        var path = Write("file", "a");
        using var map = WeightMap.Open(path);
        Refusal(() => map.Locate("b")).ShouldBe($"Tensor 'b' is missing from '{path}'.");
        Refusal(() => map.Shape("b", 2)).ShouldContain("'b' is missing");
    }

    [Fact]
    public void A_shape_of_another_rank_is_refused()
    {
        using var map = WeightMap.Open(Write("file", "a"));
        map.Shape("a", 2).ShouldBe([2, 3]);
        Refusal(() => map.Shape("a", 4)).ShouldBe("Tensor a F32[2, 3] should have 4 dimensions.");
    }

    [Fact]
    public void A_map_keeps_its_files_open_until_it_is_disposed()
    {
        using (WeightMap.Open(Write("file", "a")))
        {
            File.ReadAllText("/proc/self/maps").ShouldContain(_folder.Path);
        }
        File.ReadAllText("/proc/self/maps").ShouldNotContain(_folder.Path);
    }

    [Fact]
    public void Damage_in_a_later_file_closes_the_earlier_ones()
    {
        var sound = Write("sound", "a");
        File.WriteAllText(_folder["damaged"], "no tensors here");
        Refusal(() => WeightMap.Open(sound, _folder["damaged"])).ShouldContain(_folder["damaged"]);
        File.ReadAllText("/proc/self/maps").ShouldNotContain(_folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string file, params string[] names)
    {
        var path = _folder[$"{file}.safetensors"];
        var zeros = HostTensor.Zeros(DType.F32, 2, 3);
        SafetensorsWriter.WriteFile(path, [.. names.Select(name => KeyValuePair.Create(name, zeros))]);
        return path;
    }

    private static string Refusal(Action action)
    {
        var refusal = Should.Throw<KontextException>(action);
        refusal.Code.ShouldBe(ErrorCode.WeightsInvalid);
        return refusal.Message;
    }
}
