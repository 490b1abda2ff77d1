using System.Text.Json.Nodes;
using Kontext.Servers;

namespace Kontext.Deploy.Tests.Compose;

/// <summary><c>docker-compose.yml</c> at the top of the repository.</summary>
internal static class ComposeFile
{
    /// <summary>Its path.</summary>
    public static string Path { get; } = System.IO.Path.Combine(KontextServer.Repository, "docker-compose.yml");

    /// <summary>What has to be given, each with a value that is good for nothing.</summary>
    public static IReadOnlyDictionary<string, string?> Secrets { get; } =
        File.ReadLines(System.IO.Path.Combine(KontextServer.Repository, ".env.example"))
            .Where(line => line.EndsWith('=') && !line.StartsWith('#'))
            .ToDictionary(line => line[..^1], string? (_) => "0123456789abcdef");

    /// <summary>The file as docker-compose reads it, with every profile.</summary>
    public static async Task<JsonObject> ReadAsync(CancellationToken cancellationToken)
    {
        var (code, output, error) = await ConfigAsync(Secrets, cancellationToken);
        code.ShouldBe(0, error);
        return Yaml.ReadAll(output).ShouldHaveSingleItem();
    }

    /// <summary>Has docker-compose read it.</summary>
    public static async Task<(int Code, string Output, string Error)> ConfigAsync(
        IReadOnlyDictionary<string, string?> environment,
        CancellationToken cancellationToken
    )
    {
        // In an empty folder: somebody's .env is not to be read.
        var folder = Directory.CreateTempSubdirectory("kontext-compose-");
        try
        {
            return await Command.RunAsync(
                folder.FullName,
                "docker-compose",
                ["--file", Path, "--project-directory", folder.FullName, "config"],
                cancellationToken,
                environment: new Dictionary<string, string?>(environment) { ["COMPOSE_PROFILES"] = "cpu,gpu" }
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The services that run this program.</summary>
    public static IEnumerable<(string Name, JsonNode Service)> Roles(JsonObject compose) =>
        Services(compose).Where(service => service.Service.Text("image")!.StartsWith("kontext-"));

    /// <summary>All services.</summary>
    public static IEnumerable<(string Name, JsonNode Service)> Services(JsonObject compose) =>
        compose["services"]!.AsObject().Select(pair => (pair.Key, pair.Value!));
}
