using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Contracts;
using Kontext.Flux.Graphs;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>What an import knows beside tensors: the user's <c>--config</c>, then files, then safetensors metadata.</summary>
internal sealed class ImportConfig
{
    private const long MaxBytes = 4 << 20;

    /// <summary>Which of two values of one name is meant cannot be known.</summary>
    private static readonly JsonDocumentOptions NoDuplicates = new() { AllowDuplicateProperties = false };

    private static readonly string[] Sections =
    [
        "transformer",
        "autoencoder",
        "preview",
        "t5",
        "clip",
        "sampling",
        "licence",
    ];
    private readonly JsonObject _given;

    private ImportConfig(JsonObject given) => _given = given;

    /// <summary>The licence the user names.</summary>
    public string? Licence => _given["licence"]?.ToString();

    /// <summary>Reads JSON text, or the file of that path.</summary>
    public static ImportConfig Parse(string? config)
    {
        if (config is null)
        {
            return new([]);
        }
        var given = config.TrimStart().StartsWith('{')
            ? ParseObject(config, "--config")
            : ReadFile(config, required: true)!;
        var unknown = given.Select(section => section.Key).FirstOrDefault(key => !Sections.Contains(key));
        return unknown is null
            ? new(given)
            : throw Invalid($"--config has no section '{unknown}'; its sections are {string.Join(", ", Sections)}");
    }

    /// <summary>Hints for a part, from the user, from configuration files of its folder and from its weights.</summary>
    public ConfigHints Hints(string part, WeightMap weights, params IReadOnlyList<string> files)
    {
        var metadata = weights
            .Metadata.Where(entry => entry.Key == "params")
            .Select(entry => ParseObject(entry.Value, $"the metadata entry 'params' of the {part}"));
        return new(part, [.. Given(part, files), .. metadata]);
    }

    /// <summary>Hints for a part whose weights say nothing more, from the user and from configuration files.</summary>
    public ConfigHints Hints(string part, IReadOnlyList<string> files) => new(part, [.. Given(part, files)]);

    /// <summary>The user's settings of sampling over FLUX.1 Kontext's.</summary>
    public SamplingSettings Sampling()
    {
        var json = BundleJson.Default.SamplingSettings;
        var settings = (JsonObject)JsonSerializer.SerializeToNode(SamplingSettings.FluxKontext, json)!;
        foreach (var (name, value) in Section("sampling") ?? [])
        {
            settings[name] = value?.DeepClone();
        }
        try
        {
            return settings.Deserialize(json)!;
        }
        catch (JsonException error)
        {
            throw Invalid($"the section 'sampling' of --config is not valid: {error.Message}", error);
        }
    }

    /// <summary>How the user says that latents show, or null.</summary>
    public PreviewProjection? Preview()
    {
        try
        {
            return Section("preview")?.Deserialize(BundleJson.Default.PreviewProjection);
        }
        catch (JsonException error)
        {
            throw Invalid($"the section 'preview' of --config is not valid: {error.Message}", error);
        }
    }

    private IEnumerable<JsonObject?> Given(string part, IReadOnlyList<string> files) =>
        [Section(part), .. files.Select(file => ReadFile(file, required: false))];

    private JsonObject? Section(string name) =>
        _given[name] switch
        {
            null => null,
            JsonObject section => section,
            _ => throw Invalid($"the section '{name}' of --config is not a JSON object"),
        };

    private static JsonObject? ReadFile(string path, bool required)
    {
        if (!required && !File.Exists(path))
        {
            return null;
        }
        try
        {
            return new FileInfo(path).Length <= MaxBytes
                ? ParseObject(File.ReadAllText(path), $"'{path}'")
                : throw Invalid($"'{path}' is larger than {MaxBytes} bytes");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    private static JsonObject ParseObject(string json, string what)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: NoDuplicates) as JsonObject
                ?? throw Invalid($"{what} is not a JSON object");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw Invalid($"{what} is not valid JSON: {error.Message}", error);
        }
    }

    private static KontextException Invalid(string message, Exception? inner = null) =>
        new(ErrorCode.InputInvalid, $"{char.ToUpperInvariant(message[0])}{message[1..].TrimEnd('.')}.", inner);
}
