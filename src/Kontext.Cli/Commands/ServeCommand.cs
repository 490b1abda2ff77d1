using System.CommandLine;
using Kontext.Cli.Serve;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext serve</c>.</summary>
internal static class ServeCommand
{
    private static readonly Option<ServeRole?> Role = Options.Text(
        "--role",
        "all|gateway|coordinator|worker",
        "What this process does. Default: all.",
        name => Parse<ServeRole>("--role", name)
    );

    private static readonly Option<string?> Stages = Options.Text(
        "--stages",
        "encode,denoise,decode",
        "Stages that its worker takes. Default: all."
    );

    private static readonly Option<string?> Urls = Options.Text(
        "--urls",
        "URL",
        "Where to listen; several are separated by ';'. Default: http://127.0.0.1:8080."
    );

    private static readonly Option<string?> Data = Options.Text(
        "--data",
        "DIR",
        "Folder of jobs and images where no servers are configured. Default: ~/.kontext/serve."
    );

    private static readonly Option<string[]> Models = new("--model")
    {
        Description =
            $"Model that its worker serves, a name or a folder; may be repeated. Default: {GenerationArguments.DefaultModel}.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Verbose = Options.Switch(
        "--verbose",
        "Log what is done, not only what fails."
    );

    public static Command Create(Terminal terminal)
    {
        var device = new DeviceArguments();
        var command = new DocumentedCommand(
            "serve",
            "Serve images over HTTP: everything in one process, or one role of a cluster.",
            """
            Without configuration everything runs in this process and keeps its jobs and images in --data: killed and started
            again, it finishes what it had accepted. With these environment variables the same roles run apart:
              ConnectionStrings__RabbitMq=amqp://user:password@host:5672
              ConnectionStrings__Redis=host:6379          (__RedisTensors for another one for tensors)
              ObjectStore__Endpoint, __AccessKey, __SecretKey, __Bucket    (MinIO or any S3)
            Without tenants no key is needed and only loopback is listened on: 'kontext tenant create NAME' opens it to others.

            Examples:
              kontext serve
              kontext serve --urls http://0.0.0.0:8080 --model flux-kontext-dev --device cuda
              kontext serve --role worker --stages denoise --device cuda:1
              kontext edit photo.png "make it night" --server http://127.0.0.1:8080
            """
        )
        {
            Role,
            Stages,
            Urls,
            Data,
            Models,
            Verbose,
        };
        device.AddTo(command);
        command.SetAction(
            (parsed, cancellation) => ServeRun.ExecuteAsync(Read(parsed, device, terminal), terminal, cancellation)
        );
        return command;
    }

    private static ServeSettings Read(ParseResult parsed, DeviceArguments device, Terminal terminal)
    {
        var role = parsed.GetValue(Role) ?? ServeRole.All;
        var computes = role.HasFlag(ServeRole.Worker);
        if (!computes)
        {
            Refuse(parsed, role, [Stages, Models, .. device.All]);
        }
        string[] models = parsed.GetValue(Models) is { Length: > 0 } given ? given : [GenerationArguments.DefaultModel];
        return new()
        {
            Role = role,
            Stages = ReadStages(parsed.GetValue(Stages)),
            Urls = ReadUrls(parsed.GetValue(Urls)),
            DataFolder = Path.GetFullPath(
                parsed.GetValue(Data) is { } folder
                    ? folder.Length > 0
                        ? folder
                        : throw new KontextException(ErrorCode.Usage, "--data takes a folder, not an empty text.")
                    : DataFolder.Default
            ),
            Models = computes ? [.. models.Distinct().Select(terminal.Models.Open)] : [],
            Device = device.Read(parsed),
            Verbose = parsed.GetValue(Verbose),
        };
    }

    private static void Refuse(ParseResult parsed, ServeRole role, IEnumerable<Option> options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } useless)
        {
            throw new KontextException(
                ErrorCode.Usage,
                $"{useless.Name} is for workers: it has no effect with --role {role.ToString().ToLowerInvariant()}."
            );
        }
    }

    private static IReadOnlyList<Stage> ReadStages(string? text) =>
        text is null
            ? Enum.GetValues<Stage>()
            :
            [
                .. text.Split(',', StringSplitOptions.TrimEntries)
                    .Select(name => Parse<Stage>("--stages", name))
                    .Distinct(),
            ];

    private static string? ReadUrls(string? text)
    {
        foreach (var url in text?.Split(';') ?? [])
        {
            // Kestrel takes http://*:80 as well, which is no URI.
            var named = url.Replace("//*", "//any", StringComparison.Ordinal)
                .Replace("//+", "//any", StringComparison.Ordinal);
            if (
                !Uri.TryCreate(named, UriKind.Absolute, out var uri)
                || uri.Scheme is not ("http" or "https")
                || uri.PathAndQuery != "/"
            )
            {
                throw new KontextException(
                    ErrorCode.Usage,
                    $"--urls takes URLs such as http://127.0.0.1:8080, not '{url}'."
                );
            }
        }
        return text;
    }

    private static T Parse<T>(string option, string name)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(known => known.ToLowerInvariant())];
        var index = Array.IndexOf(names, name);
        return index >= 0
            ? Enum.GetValues<T>()[index]
            : throw new KontextException(ErrorCode.Usage, $"{option} takes {string.Join(", ", names)}, not '{name}'.");
    }
}
