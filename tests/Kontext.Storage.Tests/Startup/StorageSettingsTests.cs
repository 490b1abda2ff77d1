using Kontext.Contracts;
using Kontext.Storage.Startup;
using Microsoft.Extensions.Configuration;

namespace Kontext.Storage.Tests.Startup;

public sealed class StorageSettingsTests
{
    private const string Redis = "ConnectionStrings:Redis";
    private const string Tensors = "ConnectionStrings:RedisTensors";
    private const string Endpoint = "ObjectStore:Endpoint";
    private const string AccessKey = "ObjectStore:AccessKey";
    private const string SecretKey = "ObjectStore:SecretKey";
    private const string Bucket = "ObjectStore:Bucket";

    [Fact]
    public void What_is_not_set_is_embedded()
    {
        var settings = Read();
        settings.ShouldBe(new StorageSettings());
        Read((Redis, " "), (Endpoint, "")).ShouldBe(new StorageSettings());
    }

    [Fact]
    public void Tensors_are_on_the_same_server_unless_told_otherwise()
    {
        Read((Redis, "a:1")).RedisTensors.ShouldBe("a:1");
        Read((Redis, "a:1"), (Tensors, "b:2")).RedisTensors.ShouldBe("b:2");
    }

    [Fact]
    public void An_object_store_has_defaults_for_all_but_its_place_and_keys()
    {
        var store = Read((Endpoint, "https://s3.example:9000"), (AccessKey, "a"), (SecretKey, "s")).ObjectStore!;
        store.Endpoint.ShouldBe(new Uri("https://s3.example:9000"));
        store.Bucket.ShouldBe("kontext");
        Read((Endpoint, "http://h:1"), (AccessKey, "a"), (SecretKey, "s"), (Bucket, "other"))
            .ObjectStore!.Bucket.ShouldBe("other");
    }

    [Fact]
    public void What_is_set_by_half_is_refused_by_name()
    {
        Refused((Tensors, "b:2")).ShouldContain(Redis);
        Refused((Endpoint, "http://h:1")).ShouldContain(AccessKey);
        Refused((Endpoint, "http://h:1"), (AccessKey, "a")).ShouldContain(SecretKey);
        Refused((Endpoint, "http://h:1"), (SecretKey, "s")).ShouldContain(AccessKey);
        Refused((AccessKey, "a"), (SecretKey, "s")).ShouldContain(Endpoint);
        Refused((Bucket, "other")).ShouldContain(Endpoint);
        Refused(("ObjectStore:Region", "eu")).ShouldContain(Endpoint);
    }

    [Theory]
    [InlineData("minio:9000")]
    [InlineData("ftp://minio:9000")]
    [InlineData("http://minio:9000/bucket")]
    [InlineData("http://minio:9000?x=1")]
    [InlineData("http://user:password@minio:9000")]
    [InlineData("http://")]
    public void An_endpoint_that_is_none_is_refused_with_its_value(string endpoint) =>
        Refused((Endpoint, endpoint), (AccessKey, "a"), (SecretKey, "s")).ShouldContain($"{Endpoint} '{endpoint}'");

    [Theory]
    [InlineData("AB")]
    [InlineData("a")]
    [InlineData("-bucket")]
    [InlineData("../bucket")]
    [InlineData("my_bucket")]
    public void A_bucket_whose_name_cannot_be_is_refused_with_its_value(string bucket) =>
        Refused((Endpoint, "http://h:1"), (AccessKey, "a"), (SecretKey, "s"), (Bucket, bucket))
            .ShouldContain($"{Bucket} '{bucket}'");

    [Fact]
    public void What_has_ended_is_kept_for_a_month_or_as_told_or_for_ever()
    {
        Read().Retention.ShouldBe(TimeSpan.FromDays(30));
        Read(("Storage:Retention", "1.12:00:00")).Retention.ShouldBe(TimeSpan.FromDays(1.5));
        Read(("Storage:Retention", "forever")).Retention.ShouldBeNull();
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("00:00:59")]
    [InlineData("-1.00:00:00")]
    public void A_retention_that_is_no_time_to_keep_is_refused_with_its_value(string time) =>
        Refused(("Storage:Retention", time)).ShouldContain(time);

    [Fact]
    public void A_secret_that_could_be_guessed_is_refused_and_not_repeated()
    {
        var message = Refused(("Security:Secret", "tooshort"));
        message.ShouldContain("Security:Secret");
        message.ShouldNotContain("tooshort");
    }

    private static StorageSettings Read(params (string Name, string Value)[] settings) =>
        StorageSettings.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.ToDictionary(pair => pair.Name, string? (pair) => pair.Value))
                .Build()
        );

    private static string Refused(params (string, string)[] settings)
    {
        var error = Should.Throw<KontextException>(() => Read(settings));
        error.Code.ShouldBe(ErrorCode.ConfigurationInvalid);
        return error.Message;
    }
}
