using System.CommandLine;
using Kontext.Cli.Doctor;
using Kontext.Cli.Tenants;
using Kontext.Contracts;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext doctor</c>: what would keep <c>kontext serve</c> from working here, and what to do about it.</summary>
internal static class DoctorCommand
{
    private const string DefaultTimeout = "10s";

    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    private static readonly Option<string?> Timeout = Options.Text(
        "--timeout",
        "TIME",
        $"How long each check may take, such as 5s or 1m. Default: {DefaultTimeout}."
    );

    private static readonly Option<bool> Json = Options.Switch("--json", "Print the findings as JSON.");

    public static Command Create(Terminal terminal)
    {
        var arguments = new ServeArguments();
        var command = new DocumentedCommand(
            "doctor",
            "Check configuration, servers, models, device, clock and ports, and say what to do about what is wrong.",
            """
            Takes the options and environment variables that 'kontext serve' takes, and looks at what that process would use: every
            server is asked for its version and how fast it is, something is written, read and removed again, models are compared
            with their digests, the device is opened, and the port is listened on for a moment. Nothing that serves is disturbed.

            Each line begins with ok, warning or fault; under what is not ok stands what to do. The exit code is 0 without
            faults, else that of the first: 5 for a server, a setting or a port, 3 for a model or a device.

            Examples:
              kontext doctor
              kontext doctor --role worker --stages denoise --model flux-kontext-dev --device cuda:1
              kontext doctor --role gateway --urls http://0.0.0.0:8080 --json
            """
        )
        {
            Timeout,
            Json,
        };
        arguments.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                var models = arguments.ReadModels(parsed);
                var settings = new DoctorSettings(
                    arguments.Read(parsed, models: [], verbose: false),
                    models,
                    ReadTimeout(parsed.GetValue(Timeout) ?? DefaultTimeout)
                );
                return DoctorRun.ExecuteAsync(
                    settings,
                    terminal,
                    TimeProvider.System,
                    parsed.GetValue(Json),
                    cancellation
                );
            }
        );
        return command;
    }

    private static TimeSpan ReadTimeout(string text) =>
        Durations.Parse("--timeout", text) is var limit && limit > TimeSpan.Zero && limit <= LongestTimeout
            ? limit
            : throw new KontextException(
                ErrorCode.Usage,
                $"--timeout takes more than nothing and at most an hour, not '{text}'."
            );
}
