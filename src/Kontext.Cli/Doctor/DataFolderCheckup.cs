using Kontext.Cli.Serve;
using Kontext.Contracts;
using Kontext.Contracts.Checkups;

namespace Kontext.Cli.Doctor;

/// <summary>Whether there can be a folder of what is embedded, and nobody else has it.</summary>
/// <param name="folder">The folder.</param>
/// <param name="holdsIt">Whether a process needs it for itself alone.</param>
internal sealed class DataFolderCheckup(string folder, bool holdsIt) : ICheckup
{
    /// <inheritdoc/>
    public string Subject => "data folder";

    /// <inheritdoc/>
    public string Place => $"The disk of '{folder}'";

    /// <inheritdoc/>
    public Task<Finding> RunAsync(CancellationToken cancellationToken) => Task.FromResult(Look());

    private Finding Look()
    {
        try
        {
            DataFolder.Create(folder);
            using var held = holdsIt ? DataFolder.Hold(folder) : null;
            return Finding.Ok($"'{folder}'");
        }
        catch (KontextException error)
            when (error.InnerException is IOException and not DirectoryNotFoundException && Directory.Exists(folder))
        {
            return Finding.Warning(
                $"Another process serves from '{folder}'.",
                "If it is the one that you mean all is well; if not, give --data another folder."
            );
        }
        catch (KontextException error)
        {
            return Finding.Fault(error, "Give --data a folder that this user may write to.");
        }
    }
}
