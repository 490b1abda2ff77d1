using System.Net;
using Kontext.Contracts;
using StackExchange.Redis;

namespace Kontext.Storage.Redis;

/// <summary>
/// The connection to one server, made at first use and made again for as long as it takes. This is the one place where
/// failures of Redis become failures of ours, which name the server and the setting it comes from.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);

    private readonly ConfigurationOptions _options;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connecting;

    /// <summary>A connection that is not made yet.</summary>
    /// <param name="connectionString">As StackExchange.Redis reads it, for example <c>host:6379,password=…</c>.</param>
    /// <param name="setting">Where it comes from, for example <c>ConnectionStrings:Redis</c>.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    public RedisConnection(string connectionString, string setting)
    {
        _options = Parse(connectionString, setting);
        Setting = setting;
        Address = string.Join(", ", _options.EndPoints.Select(AddressOf));
        _connecting = new(() => ConnectionMultiplexer.ConnectAsync(_options));
    }

    /// <summary>Where the address comes from.</summary>
    public string Setting { get; }

    /// <summary>The server, for messages.</summary>
    public string Address { get; }

    /// <summary>
    /// Connects once, apart from the connection that is kept, to hear at once and in full why it cannot be. Here, and only
    /// here, commands of administration are allowed, for questions about the server.
    /// </summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<T> AskOnceAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        var options = _options.Clone();
        options.AbortOnConnectFail = true;
        // What refuses us is tried again otherwise, for longer than anybody waits for the reason.
        options.ConnectRetry = 1;
        options.AllowAdmin = true;
        try
        {
            await using var server = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
            return await ask(server.GetDatabase()).WaitAsync(cancellationToken);
        }
        catch (Exception error) when (IsOfServer(error))
        {
            throw Unavailable(error);
        }
    }

    /// <summary>Asks the server something.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            var server = await _connecting.Value.WaitAsync(cancellationToken);
            return await ask(server.GetDatabase()).WaitAsync(cancellationToken);
        }
        catch (Exception error) when (IsOfServer(error))
        {
            throw Unavailable(error);
        }
    }

    /// <summary>Runs a script; the server is sent its text once and then only its digest.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public Task<RedisResult> RunAsync(
        string script,
        RedisKey[] keys,
        RedisValue[] values,
        CancellationToken cancellationToken
    ) => AskAsync(database => database.ScriptEvaluateAsync(script, keys, values), cancellationToken);

    /// <summary>Uses the publish and subscribe side of the server.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<T> ListenAsync<T>(Func<ISubscriber, Task<T>> listen, CancellationToken cancellationToken)
    {
        try
        {
            var server = await _connecting.Value.WaitAsync(cancellationToken);
            return await listen(server.GetSubscriber()).WaitAsync(cancellationToken);
        }
        catch (Exception error) when (IsOfServer(error))
        {
            throw Unavailable(error);
        }
    }

    /// <summary>Sends something whose fate does not matter, if the server can be reached just now.</summary>
    public void Tell(Action<IDatabase> tell)
    {
        if (_connecting.IsValueCreated && _connecting.Value is { IsCompletedSuccessfully: true, Result: var server })
        {
            try
            {
                tell(server.GetDatabase());
            }
            catch (Exception error) when (IsOfServer(error))
            {
                // Its fate does not matter.
            }
        }
    }

    /// <summary>Publishes something whose fate does not matter, if the server can be reached just now.</summary>
    /// <returns>Whether anyone got it.</returns>
    public async Task<bool> TellAsync(RedisChannel channel, RedisValue message)
    {
        if (_connecting.IsValueCreated && _connecting.Value is { IsCompletedSuccessfully: true, Result: var server })
        {
            try
            {
                return await server.GetDatabase().PublishAsync(channel, message) > 0;
            }
            catch (Exception error) when (IsOfServer(error))
            {
                // Its fate does not matter.
            }
        }
        return false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connecting.IsValueCreated)
        {
            await (await _connecting.Value).DisposeAsync();
        }
    }

    private static ConfigurationOptions Parse(string connectionString, string setting)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(connectionString);
        }
        catch (ArgumentException error)
        {
            throw Invalid(error.Message, error);
        }
        if (options.EndPoints.Count == 0)
        {
            throw Invalid("it names no server.");
        }
        // The first connection may fail like any other: it is tried again, and whoever asks meanwhile is told.
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new ExponentialRetry(
            (int)FirstRetry.TotalMilliseconds,
            (int)LongestRetry.TotalMilliseconds
        );
        options.ClientName ??= "kontext";
        return options;

        KontextException Invalid(string reason, Exception? inner = null) =>
            new(
                ErrorCode.ConfigurationInvalid,
                $"{setting} is not of the form 'host:port' or 'host:port,password=…': {reason}",
                inner
            );
    }

    private static string AddressOf(EndPoint endPoint) =>
        endPoint is DnsEndPoint name ? $"{name.Host}:{name.Port}" : endPoint.ToString()!;

    private static bool IsOfServer(Exception error) =>
        error is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;

    private KontextException Unavailable(Exception error)
    {
        var reason = error switch
        {
            RedisTimeoutException or TimeoutException => "it did not answer in time",
            RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } =>
                "it refuses the user or password",
            RedisConnectionException => "there is no connection",
            RedisServerException => $"it said '{error.Message}'",
            _ => error.Message,
        };
        return new(ErrorCode.ServiceUnavailable, $"Redis at {Address} ({Setting}) cannot be used: {reason}.", error);
    }
}
