using System.CommandLine;
using Kontext.Cli.Serve;
using Kontext.Flux.Bundles;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext serve</c>.</summary>
internal static class ServeCommand
{
    private static readonly Option<bool> Verbose = Options.Switch(
        "--verbose",
        "Log what is done, not only what fails."
    );

    public static Command Create(Terminal terminal)
    {
        var arguments = new ServeArguments();
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
            Verbose,
        };
        arguments.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                ModelBundle[] models = [.. arguments.ReadModels(parsed).Select(terminal.Models.Open)];
                var settings = arguments.Read(parsed, models, parsed.GetValue(Verbose));
                return ServeRun.ExecuteAsync(settings, terminal, cancellation);
            }
        );
        return command;
    }
}
