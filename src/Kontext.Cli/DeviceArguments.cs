using System.CommandLine;
using Kontext.Contracts;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;

namespace Kontext.Cli;

/// <summary>The options of every command that runs a model.</summary>
internal sealed class DeviceArguments
{
    private readonly Option<DeviceOptions?> _device = new("--device")
    {
        Description = "What computes; cuda:1 is the second GPU. GPUs need the GPU build. Default: cpu.",
        HelpName = "cpu|cuda|tensorrt",
        CustomParser = result => Parse(result.Tokens[0].Value),
    };

    private readonly Option<Precision?> _precision = Options.Text<Precision>(
        "--precision",
        "fp32|bf16|fp16",
        "Type the large graphs compute in. Default: fp32 on cpu, bf16 on GPUs.",
        name =>
            Enum.GetValues<Precision>()
                .Where(precision => precision.ShortName() == name)
                .Cast<Precision?>()
                .SingleOrDefault()
            ?? throw new KontextException(ErrorCode.Usage, $"--precision takes fp32, bf16 or fp16, not '{name}'.")
    );

    private readonly Option<int?> _threads = Options.Number<int>(
        "--threads",
        "Processor threads of one graph. Default: as many as there are cores."
    );

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_device, _precision, _threads];

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    public DeviceOptions Read(ParseResult parsed)
    {
        var threads = parsed.GetValue(_threads) ?? 0;
        return threads is >= 0 and <= 1024
            ? (parsed.GetValue(_device) ?? new()) with
            {
                Precision = parsed.GetValue(_precision),
                Threads = threads,
                EngineCacheFolder = EngineCache,
                CudaLibrary = Environment.GetEnvironmentVariable("KONTEXT_CUDA_PROVIDER"),
            }
            : throw new KontextException(ErrorCode.Usage, $"--threads takes 0 to 1024, not {threads}.");
    }

    /// <summary>Engines take minutes to build and are good for one GPU, driver and model: TensorRT tells them apart.</summary>
    private static string EngineCache { get; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kontext", "tensorrt");

    /// <summary>A kind of device and, after a colon, which of several GPUs.</summary>
    private static DeviceOptions Parse(string text)
    {
        var colon = text.IndexOf(':');
        DeviceKind? kind = (colon < 0 ? text : text[..colon]).ToLowerInvariant() switch
        {
            "cpu" when colon < 0 => DeviceKind.Cpu,
            "cuda" => DeviceKind.Cuda,
            "tensorrt" => DeviceKind.TensorRt,
            _ => null,
        };
        byte number = 0;
        return kind is { } known && (colon < 0 || byte.TryParse(text.AsSpan(colon + 1), out number))
            ? new() { Kind = known, DeviceId = number }
            : throw new KontextException(
                ErrorCode.Usage,
                $"--device takes cpu, cuda or tensorrt, or one of several GPUs as in cuda:1, not '{text}'."
            );
    }
}
