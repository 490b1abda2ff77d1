using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Kontext.Contracts;
using Kontext.Storage.Objects;
using Microsoft.Extensions.Configuration;

namespace Kontext.Storage.Startup;

/// <summary>What the configuration says about storage, checked. What is null is embedded.</summary>
internal sealed partial record StorageSettings
{
    /// <summary>Name of the setting for records, claims, workers and signals.</summary>
    public const string RedisName = "ConnectionStrings:Redis";

    /// <summary>Name of the setting for tensors.</summary>
    public const string RedisTensorsName = "ConnectionStrings:RedisTensors";

    private const string EndpointName = "ObjectStore:Endpoint";
    private const string AccessKeyName = "ObjectStore:AccessKey";
    private const string SecretKeyName = "ObjectStore:SecretKey";
    private const string BucketName = "ObjectStore:Bucket";
    private const string RegionName = "ObjectStore:Region";
    private const string RetentionName = "Storage:Retention";
    private const string Forever = "forever";
    private const string SecretName = "Security:Secret";

    /// <summary>The server for records, claims, workers and signals.</summary>
    public string? Redis { get; init; }

    /// <summary>The server for tensors; the same one by default.</summary>
    public string? RedisTensors { get; init; }

    /// <summary>The S3 server.</summary>
    public ObjectStoreSettings? ObjectStore { get; init; }

    /// <summary>The cluster's secret.</summary>
    public string? Secret { get; init; }

    /// <summary>How long what ended jobs leave behind is kept, unless its tenant has a time of its own; null: for ever.</summary>
    public TimeSpan? Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Reads and checks.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>; the message names the setting.</exception>
    public static StorageSettings Read(IConfiguration configuration)
    {
        var redis = Value(RedisName);
        var tensors = Value(RedisTensorsName);
        if (tensors is not null && redis is null)
        {
            throw Invalid($"{RedisTensorsName} is set but {RedisName} is not: tensors of a cluster need its records.");
        }
        var secret = Value(SecretName);
        if (secret is not null && Encoding.UTF8.GetByteCount(secret) < TenantKeys.ShortestSecret)
        {
            throw Invalid($"{SecretName} is shorter than {TenantKeys.ShortestSecret} bytes.");
        }
        return new()
        {
            Redis = redis,
            RedisTensors = tensors ?? redis,
            ObjectStore = ReadObjectStore(Value),
            Secret = secret,
            Retention = RetentionOf(Value(RetentionName)),
        };

        string? Value(string name) =>
            configuration[name] is { } text && text.Trim() is { Length: > 0 } value ? value : null;
    }

    private static ObjectStoreSettings? ReadObjectStore(Func<string, string?> value)
    {
        string[] all = [EndpointName, AccessKeyName, SecretKeyName, BucketName, RegionName];
        if (all.FirstOrDefault(name => value(name) is not null) is not { } given)
        {
            return null;
        }
        foreach (var needed in all[..3])
        {
            if (value(needed) is null)
            {
                throw Invalid($"{given} is set but {needed} is not: an object store needs endpoint and both keys.");
            }
        }
        var settings = new ObjectStoreSettings
        {
            Endpoint = EndpointOf(value(EndpointName)!),
            AccessKey = value(AccessKeyName)!,
            SecretKey = value(SecretKeyName)!,
        };
        settings = value(BucketName) is { } bucket ? settings with { Bucket = bucket } : settings;
        settings = value(RegionName) is { } region ? settings with { Region = region } : settings;
        return BucketForm().IsMatch(settings.Bucket)
            ? settings
            : throw Invalid(
                $"{BucketName} '{settings.Bucket}' is no name of a bucket: 3 to 63 small letters, digits, dots and dashes."
            );
    }

    private static TimeSpan? RetentionOf(string? text) =>
        text is null ? new StorageSettings().Retention
        : text == Forever ? null
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.FromMinutes(1) ? time
        : throw Invalid(
            $"{RetentionName} '{text}' is neither a time such as 30.00:00:00, a minute at least, nor '{Forever}'."
        );

    private static Uri EndpointOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.PathAndQuery == "/"
        && uri.UserInfo.Length == 0
            ? uri
            : throw Invalid($"{EndpointName} '{text}' is not of the form 'http://host:port'.");

    private static KontextException Invalid(string message) => new(ErrorCode.ConfigurationInvalid, message);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketForm();
}
