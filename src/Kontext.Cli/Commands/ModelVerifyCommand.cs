using System.CommandLine;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext model verify</c>: whether a model is what it was when it was made, and runs here.</summary>
internal static class ModelVerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = ModelCommand.NameArgument();
        var digestsOnly = Options.Switch("--digests-only", "Compare files with their digests, and no more.");
        var digest = Options.Text("--digest", "DIGEST", "The digest that the model must have.");
        var device = new DeviceArguments();
        var command = new DocumentedCommand(
            "verify",
            "Check a model's files, its tokenizers, and that each graph runs on a device.",
            """
            Every file is compared with its digest; a file of over 64 MiB by its fingerprint, unless its SHA-256 is known. The
            tokenizers must give the ids recorded at import. Each graph is loaded and run once at a small size, and must give
            finite numbers. A partial model is checked as far as it goes.

            Examples:
              kontext model verify kontext-tiny
              kontext model verify kontext-tiny --digests-only
              kontext model verify flux-kontext-dev --digests-only --digest sha256:0a1b…
            """
        )
        {
            name,
            digestsOnly,
            digest,
        };
        device.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                var options = device.Read(parsed);
                var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
                if (parsed.GetValue(digest) is { } expected && expected != bundle.Manifest.Digest)
                {
                    throw new KontextException(
                        ErrorCode.ModelCorrupt,
                        $"{bundle.Manifest.Name} is another model: its digest is {bundle.Manifest.Digest}, not '{expected}'."
                    );
                }
                if (!parsed.GetValue(digestsOnly))
                {
                    GraphCheck.CheckDevice(options);
                }
                bundle.Verify(file => Ok(FileLine(bundle.Manifest.Files[file], file)), cancellation);
                if (!parsed.GetValue(digestsOnly))
                {
                    bundle.VerifyTokenizers((tokenizer, count) => Ok($"tokenizer {tokenizer}: {count} strings"));
                    GraphCheck.Run(bundle, options, (graph, output) => Ok($"graph {graph}: {output}"), cancellation);
                }
                terminal.Out.WriteLine($"{bundle.Manifest.Name} is whole: {bundle.Manifest.Digest}");
                return Task.FromResult(0);
            }
        );
        return command;

        void Ok(string what) => terminal.Error.WriteLine($"ok {what}");
    }

    private static string FileLine(FileDigest digest, string file) =>
        digest.Sha256 is null ? $"{file} (fingerprint)" : file;
}
