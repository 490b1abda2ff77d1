using System.Text.Json;
using Kontext.Clients.Tests;
using Kontext.Servers;

[assembly: AssemblyFixture(typeof(NodeClients))]

namespace Kontext.Clients.Tests;

/// <summary>Clients of others, from npm in the versions that <c>npm/package-lock.json</c> pins, installed once for all tests here.</summary>
public sealed class NodeClients : IAsyncLifetime
{
    private readonly NpmFolder _npm = new(
        Path.Combine(KontextServer.Repository, "tests", "Kontext.Clients.Tests", "npm")
    );

    public async ValueTask InitializeAsync() => await _npm.InstallAsync(CancellationToken.None);

    /// <summary>Runs a script there with a server's URL and a picture.</summary>
    /// <returns>What it printed.</returns>
    public async Task<JsonElement> RunAsync(string script, string url, CancellationToken cancellationToken)
    {
        var (code, output, error) = await _npm.RunAsync([script, url, ServedModel.Picture], cancellationToken);
        code.ShouldBe(0, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
