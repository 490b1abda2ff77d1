using System.CommandLine;
using Kontext.Cli.Remote;
using Kontext.Contracts;

namespace Kontext.Cli;

/// <summary>The option of every command that can have its work done by a server.</summary>
/// <param name="device">The command's options of a device of its own, which a server leaves without effect.</param>
internal sealed class ServerArgument(DeviceArguments device)
{
    private readonly Option<string?> _server = Options.Text(
        "--server",
        "URL",
        "Have it made by a 'kontext serve' at this address instead of here."
    );

    public void AddTo(Command command) => command.Add(_server);

    /// <summary>The server to ask, or null to compute here.</summary>
    public Uri? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_server) is not { } text)
        {
            return null;
        }
        if (device.All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } useless)
        {
            throw new KontextException(
                ErrorCode.Usage,
                $"{useless.Name} has no effect with --server: its workers have devices of their own."
            );
        }
        return GatewayClient.ParseServer(text);
    }
}
