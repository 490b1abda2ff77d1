using Kontext.Storage.Redis;

namespace Kontext.Storage.Tests.Redis;

public sealed class RedisInfoTests
{
    [Fact]
    public void What_the_server_says_is_read()
    {
        var info = RedisInfo.Parse(
            "# Server\r\nredis_version:7.0.15\r\n\r\n# Memory\r\nused_memory:1048576\r\nmaxmemory:2097152\r\nmaxmemory_policy:noeviction\r\n"
        );
        (info.Version, info.UsedMemoryBytes, info.MaxMemoryBytes, info.EvictionPolicy).ShouldBe(
            ("7.0.15", 1L << 20, 2L << 20, "noeviction")
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("maxmemory:0")]
    [InlineData("maxmemory:lots\nused_memory:-1\nredis_version")]
    public void What_it_does_not_say_is_not_known(string text)
    {
        var info = RedisInfo.Parse(text);
        (info.Version, info.UsedMemoryBytes, info.MaxMemoryBytes, info.EvictionPolicy).ShouldBe(
            (null, null, null, null)
        );
    }

    [Fact]
    public void Whatever_is_said_is_read() => Gen.String.Sample(text => RedisInfo.Parse(text).ShouldNotBeNull());
}
