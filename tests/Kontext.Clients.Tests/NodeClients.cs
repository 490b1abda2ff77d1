using System.ComponentModel;
using System.Text.Json;
using Kontext.Clients.Tests;
using Kontext.Servers;

[assembly: AssemblyFixture(typeof(NodeClients))]

namespace Kontext.Clients.Tests;

/// <summary>Clients of others, from npm in the versions that <c>npm/package-lock.json</c> pins, installed once for all tests here.</summary>
public sealed class NodeClients : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(KontextServer.Repository, "tests", "Kontext.Clients.Tests", "npm");

    /// <summary>What npm writes last: what is installed.</summary>
    private string Installed => Path.Combine(_folder, "node_modules", ".package-lock.json");

    public async ValueTask InitializeAsync()
    {
        if (
            File.Exists(Installed)
            && File.GetLastWriteTimeUtc(Installed)
                >= File.GetLastWriteTimeUtc(Path.Combine(_folder, "package-lock.json"))
        )
        {
            return;
        }
        string[] install = ["ci", "--no-audit", "--no-fund", "--prefer-offline"];
        try
        {
            var (code, output, error) = await Command.RunAsync(_folder, "npm", install, CancellationToken.None);
            if (code != 0)
            {
                throw Missing($"{output}\n{error}");
            }
        }
        catch (Win32Exception none)
        {
            throw Missing(none.Message);
        }
    }

    /// <summary>Runs a script there with a server's URL and a picture.</summary>
    /// <returns>What it printed.</returns>
    public async Task<JsonElement> RunAsync(string script, string url, CancellationToken cancellationToken)
    {
        var (code, output, error) = await Command.RunAsync(
            _folder,
            "node",
            [script, url, ServedModel.Picture],
            cancellationToken
        );
        code.ShouldBe(0, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private InvalidOperationException Missing(string reason) =>
        new(
            $"The clients are not installed. With Node.js, npm and a registry that it reaches (apt-get install nodejs npm): "
                + $"npm ci --prefix {_folder}\n{reason}"
        );
}
