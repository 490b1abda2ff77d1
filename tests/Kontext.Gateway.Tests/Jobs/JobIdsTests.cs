using Kontext.Gateway.Jobs;

namespace Kontext.Gateway.Tests.Jobs;

public sealed class JobIdsTests
{
    [Fact]
    public void Random_ids_are_ids_and_differ()
    {
        string[] ids = [.. Enumerable.Range(0, 100).Select(_ => JobIds.Random())];
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => JobIds.IsValid(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../../../../../etc/passwd")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    [InlineData("٠123456789abcdef0123456789abcdef")]
    public void What_could_name_another_object_is_no_id(string text) => JobIds.IsValid(text).ShouldBeFalse();

    [Fact]
    public void The_seed_of_an_id_has_32_bits_and_is_always_the_same()
    {
        JobIds.Seed("0123456789abcdef0123456789abcdef").ShouldBe(0x89abcdef);
        JobIds.Seed("0123456789abcdef01234567ffffffff").ShouldBe(uint.MaxValue);
    }
}
