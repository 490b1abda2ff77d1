using Kontext.Contracts;
using Microsoft.Extensions.Configuration;

namespace Kontext.Cli.Serve;

/// <summary>The servers that a process works with. What is not configured is embedded.</summary>
/// <param name="RabbitMq">Address without user and password, or null.</param>
/// <param name="Redis">Address without password, or null.</param>
/// <param name="ObjectStore">Endpoint, or null.</param>
internal sealed record ServeServers(string? RabbitMq, string? Redis, string? ObjectStore)
{
    /// <summary>Reads the configuration.</summary>
    public static ServeServers Of(IConfiguration configuration)
    {
        var rabbit = Given(configuration.GetConnectionString("RabbitMq"));
        var redis = Given(configuration.GetConnectionString("Redis"));
        return new(
            Uri.TryCreate(rabbit, UriKind.Absolute, out var broker) ? broker.Authority : rabbit,
            redis?.Split(',').FirstOrDefault(part => !part.Contains('=')),
            Given(configuration["ObjectStore:Endpoint"])
        );
    }

    /// <summary>Refuses roles in processes of their own where there is nothing through which they could meet.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    public void CheckFor(ServeRole role)
    {
        string[] missing =
        [
            .. new[] { (RabbitMq, "RabbitMq"), (Redis, "Redis") }
                .Where(server => server.Item1 is null)
                .Select(server => $"ConnectionStrings__{server.Item2}"),
        ];
        if (role != ServeRole.All && missing.Length > 0)
        {
            throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                $"--role {role.ToString().ToLowerInvariant()} meets the other roles through servers: "
                    + $"set {string.Join(" and ", missing)}, or leave --role out to run all roles in this process."
            );
        }
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
