using Kontext.Storage.Tensors;

namespace Kontext.Storage.Tests.Tensors;

public sealed class MemoryTensorCacheTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ManualClock _clock = new();

    [Fact]
    public void What_was_not_read_for_longest_goes_first()
    {
        var cache = new MemoryTensorCache(300, _clock);
        cache.Put("a", SomeTensors.Of(100), Hour);
        cache.Put("b", SomeTensors.Of(100), Hour);
        cache.Put("c", SomeTensors.Of(100), Hour);
        cache.Find("a").ShouldNotBeNull();
        cache.Put("d", SomeTensors.Of(100), Hour);
        cache.Find("b").ShouldBeNull();
        cache.Find("a").ShouldNotBeNull();
        cache.Find("c").ShouldNotBeNull();
        cache.Put("e", SomeTensors.Of(250), Hour);
        cache.Find("e").ShouldNotBeNull();
        cache.Bytes.ShouldBe(250);
    }

    [Fact]
    public void What_is_larger_than_all_room_is_not_kept_and_pushes_nothing_out()
    {
        var cache = new MemoryTensorCache(300, _clock);
        cache.Put("a", SomeTensors.Of(100), Hour);
        cache.Put("large", SomeTensors.Of(301), Hour);
        cache.Find("large").ShouldBeNull();
        cache.Find("a").ShouldNotBeNull();
    }

    [Fact]
    public void Reading_keeps_it_longer()
    {
        var cache = new MemoryTensorCache(300, _clock);
        cache.Put("a", SomeTensors.Of(100), Hour);
        _clock.Pass(Hour * 0.75);
        cache.Find("a").ShouldNotBeNull();
        _clock.Pass(Hour * 0.75);
        cache.Find("a").ShouldNotBeNull();
        _clock.Pass(Hour);
        cache.Find("a").ShouldBeNull();
        cache.Bytes.ShouldBe(0);
    }

    [Fact]
    public void Its_bytes_are_those_of_what_it_holds_and_never_more_than_its_room() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 150], Gen.Int[0, 3])
            .Array[0, 200]
            .Sample(
                steps =>
                {
                    var cache = new MemoryTensorCache(500, _clock);
                    foreach (var (key, bytes, kind) in steps)
                    {
                        switch (kind)
                        {
                            case 0:
                                cache.Find($"{key}");
                                break;
                            case 1:
                                cache.RemoveAsync($"{key}", default);
                                break;
                            default:
                                cache.Put($"{key}", SomeTensors.Of(bytes), Hour);
                                cache.Find($"{key}")!.Memory.Length.ShouldBe(bytes);
                                break;
                        }
                        cache.Bytes.ShouldBeLessThanOrEqualTo(500);
                    }
                    var held = Enumerable.Range(0, 10).Sum(key => cache.Find($"{key}")?.Memory.Length ?? 0);
                    cache.Bytes.ShouldBe(held);
                },
                iter: Profile.Iterations(200)
            );
}
