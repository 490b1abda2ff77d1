using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Flux.Bundles;

namespace Kontext.Cli.Doctor;

/// <summary>Whether a model is there, and its files are what they were when it was made.</summary>
internal sealed class ModelCheckup(string name, ModelLibrary library) : ICheckup
{
    /// <inheritdoc/>
    public string Subject => "model";

    /// <inheritdoc/>
    public string Place => $"The disk of the model '{name}'";

    /// <inheritdoc/>
    public Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var bundle = library.Open(name);
            bundle.Verify(_ => { }, cancellationToken, quickly: true);
            var bytes = bundle.Manifest.Files.Values.Sum(file => file.Bytes);
            return Task.FromResult(Finding.Ok($"{name}, {bundle.Manifest.Files.Count} files, {bytes >> 20} MiB"));
        }
        catch (KontextException error)
        {
            return Task.FromResult(Finding.Fault(error, Advice(error.Code)));
        }
    }

    private string? Advice(ErrorCode code) =>
        code == ErrorCode.ModelNotFound
            ? $"Import it ('kontext model import FOLDER --name {name}'), or set KONTEXT_MODELS to the folder that has it."
        : code == ErrorCode.ModelCorrupt ? "Copy or import the model again."
        : null;
}
