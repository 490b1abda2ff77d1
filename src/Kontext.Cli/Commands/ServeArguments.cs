using System.CommandLine;
using Kontext.Cli.Serve;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;

namespace Kontext.Cli.Commands;

/// <summary>The options that say what a process serves, where, and with what.</summary>
internal sealed class ServeArguments
{
    private readonly Option<ServeRole?> _role = Options.Text(
        "--role",
        "all|gateway|coordinator|worker",
        "What this process does. Default: all.",
        name => Parse<ServeRole>("--role", name)
    );

    private readonly Option<string?> _stages = Options.Text(
        "--stages",
        "encode,denoise,decode",
        "Stages that its worker takes. Default: all."
    );

    private readonly Option<string?> _urls = Options.Text(
        "--urls",
        "URL",
        "Where to listen; several are separated by ';'. Default: http://127.0.0.1:8080."
    );

    private readonly Option<string?> _data = Options.Text(
        "--data",
        "DIR",
        "Folder of jobs and images where no servers are configured. Default: ~/.kontext/serve."
    );

    private readonly Option<string[]> _models = new("--model")
    {
        Description =
            $"Model that its worker serves, a name or a folder; may be repeated. Default: {GenerationArguments.DefaultModel}.",
        HelpName = "NAME",
    };

    private readonly DeviceArguments _device = new();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_role, _stages, _urls, _data, _models])
        {
            command.Add(option);
        }
        _device.AddTo(command);
    }

    /// <summary>Names or folders of the models that its worker is to serve; none where there is no worker.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>: options are for workers, and there is none.</exception>
    public IReadOnlyList<string> ReadModels(ParseResult parsed)
    {
        var role = ReadRole(parsed);
        if (!role.HasFlag(ServeRole.Worker))
        {
            Refuse(parsed, role, [_stages, _models, .. _device.All]);
            return [];
        }
        return parsed.GetValue(_models) is { Length: > 0 } given
            ? [.. given.Distinct()]
            : [GenerationArguments.DefaultModel];
    }

    /// <summary>All that is said.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="models">The models of <see cref="ReadModels"/>, as far as they could be opened.</param>
    /// <param name="verbose">Whether the process says what it does.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>.</exception>
    public ServeSettings Read(ParseResult parsed, IReadOnlyList<ModelBundle> models, bool verbose) =>
        new()
        {
            Role = ReadRole(parsed),
            Stages = ReadStages(parsed.GetValue(_stages)),
            Urls = ReadUrls(parsed.GetValue(_urls)),
            DataFolder = Path.GetFullPath(
                parsed.GetValue(_data) is { } folder
                    ? folder.Length > 0
                        ? folder
                        : throw new KontextException(ErrorCode.Usage, "--data takes a folder, not an empty text.")
                    : DataFolder.Default
            ),
            Models = models,
            Device = _device.Read(parsed),
            Verbose = verbose,
        };

    private ServeRole ReadRole(ParseResult parsed) => parsed.GetValue(_role) ?? ServeRole.All;

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
