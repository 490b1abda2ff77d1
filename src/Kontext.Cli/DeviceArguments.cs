using System.CommandLine;
using Kontext.Contracts;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;

namespace Kontext.Cli;

/// <summary>The options of every command that runs a model.</summary>
internal sealed class DeviceArguments
{
    private readonly Option<DeviceKind?> _device = Options.Text<DeviceKind>(
        "--device",
        "cpu|cuda|tensorrt",
        "What computes; the GPU kinds need the GPU build. Default: cpu.",
        name =>
            name.ToLowerInvariant() switch
            {
                "cpu" => DeviceKind.Cpu,
                "cuda" => DeviceKind.Cuda,
                "tensorrt" => DeviceKind.TensorRt,
                _ => throw new KontextException(
                    ErrorCode.Usage,
                    $"--device takes cpu, cuda or tensorrt, not '{name}'."
                ),
            }
    );

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

    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_precision);
        command.Add(_threads);
    }

    public DeviceOptions Read(ParseResult parsed)
    {
        var threads = parsed.GetValue(_threads) ?? 0;
        return threads is >= 0 and <= 1024
            ? new()
            {
                Kind = parsed.GetValue(_device) ?? DeviceKind.Cpu,
                Precision = parsed.GetValue(_precision),
                Threads = threads,
            }
            : throw new KontextException(ErrorCode.Usage, $"--threads takes 0 to 1024, not {threads}.");
    }
}
