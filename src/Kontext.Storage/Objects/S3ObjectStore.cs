using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kontext.Contracts;
using Minio;
using Minio.DataModel.Args;
using Minio.Exceptions;
using Polly;

namespace Kontext.Storage.Objects;

/// <summary>
/// Objects in MinIO or any other S3. Reads go through presigned URLs: one request that streams, where the client's own
/// method asks for the object's size first and collects what it gets.
/// </summary>
internal sealed class S3ObjectStore : IObjectStore, IDisposable
{
    /// <summary>How long the URLs are good for that this class itself reads through.</summary>
    private static readonly TimeSpan ReadUrlValid = TimeSpan.FromMinutes(15);

    private readonly ObjectStoreSettings _settings;
    private readonly ResiliencePipeline _retries = S3Failures.Retries();
    private readonly HttpClient _http;
    private readonly IMinioClient _client;

    /// <summary>A store that has not talked to its server yet.</summary>
    public S3ObjectStore(ObjectStoreSettings settings)
    {
        _settings = settings;
        _http = new(new SocketsHttpHandler { ConnectTimeout = S3Failures.ConnectTimeout, UseProxy = false })
        {
            Timeout = S3Failures.RequestTimeout,
        };
        _client = new MinioClient()
            .WithEndpoint(settings.Endpoint.Authority)
            .WithSSL(settings.Endpoint.Scheme == Uri.UriSchemeHttps)
            .WithRegion(settings.Region)
            .WithCredentials(settings.AccessKey, settings.SecretKey)
            .WithHttpClient(_http)
            .Build();
    }

    /// <inheritdoc/>
    public Task EnsureExistsAsync(CancellationToken cancellationToken) =>
        TryAsync(
            async token =>
            {
                if (!await BucketExistsAsync(token))
                {
                    await _client.MakeBucketAsync(new MakeBucketArgs().WithBucket(_settings.Bucket), token);
                }
                return true;
            },
            cancellationToken
        );

    /// <summary>Whether the bucket is there.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task<bool> HasBucketAsync(CancellationToken cancellationToken) =>
        TryAsync(BucketExistsAsync, cancellationToken);

    /// <summary>The server's time, which it tells to whoever asks for anything.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken) =>
        TryAsync(
            async token =>
            {
                using var answer = await _http.GetAsync(
                    _settings.Endpoint,
                    HttpCompletionOption.ResponseHeadersRead,
                    token
                );
                return answer.Headers.Date ?? throw new IOException("its answer has no Date");
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task PutAsync(
        string name,
        ReadOnlyMemory<byte> content,
        string contentType,
        CancellationToken cancellationToken
    )
    {
        ObjectNameRules.Check(name);
        return TryAsync(
            async token =>
            {
                await using var stream = StreamOf(content);
                await _client.PutObjectAsync(
                    new PutObjectArgs()
                        .WithBucket(_settings.Bucket)
                        .WithObject(name)
                        .WithStreamData(stream)
                        .WithObjectSize(content.Length)
                        .WithContentType(contentType),
                    token
                );
                return true;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        ObjectNameRules.Check(name);
        return TryAsync(
            async token =>
            {
                using var answer = await OpenAsync(name, token);
                return answer is null ? null : await answer.Content.ReadAsByteArrayAsync(token);
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async Task<long?> CopyToAsync(string name, Stream destination, CancellationToken cancellationToken)
    {
        ObjectNameRules.Check(name);
        // Once bytes have gone to the destination there is no second try.
        using var answer = await TryAsync(token => OpenAsync(name, token), cancellationToken);
        if (answer is null)
        {
            return null;
        }
        await using var source = await answer.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            await source.CopyToAsync(destination, cancellationToken);
            return answer.Content.Headers.ContentLength ?? 0;
        }
        catch (HttpIOException error)
        {
            throw S3Failures.Unavailable(_settings, error);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) =>
        await StoredAtAsync(name, cancellationToken) is not null;

    /// <inheritdoc/>
    public Task<DateTimeOffset?> StoredAtAsync(string name, CancellationToken cancellationToken)
    {
        ObjectNameRules.Check(name);
        return TryAsync<DateTimeOffset?>(
            async token =>
            {
                try
                {
                    var found = await _client.StatObjectAsync(
                        new StatObjectArgs().WithBucket(_settings.Bucket).WithObject(name),
                        token
                    );
                    return new(DateTime.SpecifyKind(found.LastModified, DateTimeKind.Utc));
                }
                catch (ObjectNotFoundException)
                {
                    return null;
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        ObjectNameRules.Check(name);
        return TryAsync(
            async token =>
            {
                await _client.RemoveObjectAsync(
                    new RemoveObjectArgs().WithBucket(_settings.Bucket).WithObject(name),
                    token
                );
                return true;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ObjectNameRules.CheckPrefix(prefix);
        // Whole before anything is given out, so that a page that fails can be asked for again with all before it.
        var names = await TryAsync(
            async token =>
            {
                var found = new List<string>();
                var list = new ListObjectsArgs().WithBucket(_settings.Bucket).WithPrefix(prefix).WithRecursive(true);
                await foreach (var item in _client.ListObjectsEnumAsync(list, token))
                {
                    found.Add(item.Key);
                }
                return found;
            },
            cancellationToken
        );
        foreach (var name in names)
        {
            yield return name;
        }
    }

    /// <inheritdoc/>
    public async Task<Uri?> PresignAsync(string name, TimeSpan valid, CancellationToken cancellationToken)
    {
        ObjectNameRules.Check(name);
        var url = await _client.PresignedGetObjectAsync(
            new PresignedGetObjectArgs()
                .WithBucket(_settings.Bucket)
                .WithObject(name)
                .WithExpiry((int)valid.TotalSeconds)
        );
        return new(url);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private Task<bool> BucketExistsAsync(CancellationToken cancellationToken) =>
        _client.BucketExistsAsync(new BucketExistsArgs().WithBucket(_settings.Bucket), cancellationToken);

    /// <summary>The answer to a GET, its body still to come; null if there is no such object.</summary>
    private async Task<HttpResponseMessage?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var url = await PresignAsync(name, ReadUrlValid, cancellationToken);
        var answer = await _http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            answer.Dispose();
            return null;
        }
        try
        {
            return answer.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException)
        {
            answer.Dispose();
            throw;
        }
    }

    private async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await _retries.ExecuteAsync(async token => await ask(token), cancellationToken);
        }
        catch (Exception error) when (S3Failures.IsOfServer(error, cancellationToken))
        {
            throw S3Failures.Unavailable(_settings, error);
        }
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var array)
            ? new(array.Array!, array.Offset, array.Count, writable: false)
            : new(content.ToArray(), writable: false);
}
