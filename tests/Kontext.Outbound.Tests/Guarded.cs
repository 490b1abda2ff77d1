using System.Net;
using System.Net.Sockets;
using Kontext.Outbound.Addresses;
using Kontext.Outbound.Downloads;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Outbound.Tests;

/// <summary>The project as hosts have it, with names that a test gives.</summary>
internal sealed class Guarded : IDisposable, IHostResolver
{
    /// <summary>A part of loopback that tests allow: what is allowed and what is not are then both within reach.</summary>
    public const string Allowed = "127.0.0.2";

    private readonly ServiceProvider _services;
    private readonly Dictionary<string, Queue<IPAddress[]>> _names = [];

    /// <param name="settings">The section <c>Outbound</c>.</param>
    public Guarded(params (string Key, string Value)[] settings)
    {
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(
                new ConfigurationBuilder()
                    .AddInMemoryCollection(
                        settings.Select(setting => new KeyValuePair<string, string?>(
                            $"{OutboundOptions.Section}:{setting.Key}",
                            setting.Value
                        ))
                    )
                    .Build()
            )
            .AddSingleton<IHostResolver>(this)
            .AddKontextOutbound()
            .BuildServiceProvider();
    }

    /// <summary>Names that were asked for.</summary>
    public List<string> Asked { get; } = [];

    public HttpClient Client => Get<IHttpClientFactory>().CreateClient(OutboundServices.GuardedClient);

    public Downloader Downloader => Get<Downloader>();

    public OutboundUrl Urls => Get<OutboundUrl>();

    /// <summary>One that allows what tests listen on.</summary>
    public static Guarded WithAllowed(params (string Key, string Value)[] settings) =>
        new([("AllowedNetworks:0", $"{Allowed}/32"), .. settings]);

    /// <summary>Gives a name addresses: each list is the answer once, the last for ever.</summary>
    public Guarded Name(string name, params string[][] answers)
    {
        _names[name] = new(answers.Select(list => list.Select(IPAddress.Parse).ToArray()));
        return this;
    }

    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Asked.Add(host);
        return !_names.TryGetValue(host, out var answers)
            ? throw new SocketException((int)SocketError.HostNotFound)
            : Task.FromResult(answers.Count > 1 ? answers.Dequeue() : answers.Peek());
    }

    public void Dispose() => _services.Dispose();

    private T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();
}
