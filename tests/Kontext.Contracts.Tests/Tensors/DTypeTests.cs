using Kontext.Contracts.Tensors;

namespace Kontext.Contracts.Tests.Tensors;

public sealed class DTypeTests
{
    [Fact]
    public void Every_type_is_found_by_its_name_and_by_no_other()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            DTypes.TryParse(dtype.Name(), out var found).ShouldBeTrue();
            found.ShouldBe(dtype);
            DTypes.TryParse(dtype.Name().ToLowerInvariant(), out _).ShouldBeFalse();
        }
        DTypes.TryParse("", out _).ShouldBeFalse();
        DTypes.TryParse("F8E4M3", out _).ShouldBeFalse();
        DTypes.TryParse("F4", out _).ShouldBeFalse();
    }

    [Fact]
    public void Numbers_in_names_are_bits()
    {
        foreach (var dtype in Enum.GetValues<DType>().Where(dtype => dtype != DType.Bool))
        {
            // The first number: F8_E4M3 has 8 bits.
            var digits = dtype.Name().SkipWhile(letter => !char.IsDigit(letter)).TakeWhile(char.IsDigit);
            (dtype.Size() * 8).ShouldBe(int.Parse(string.Concat(digits)), dtype.Name());
        }
        DType.Bool.Size().ShouldBe(1);
    }
}
