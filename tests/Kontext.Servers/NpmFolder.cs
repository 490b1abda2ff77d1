using System.ComponentModel;

namespace Kontext.Servers;

/// <summary>A folder with packages of npm in the versions that its <c>package-lock.json</c> pins, installed once.</summary>
/// <param name="folder">Path.</param>
public sealed class NpmFolder(string folder)
{
    /// <summary>Path.</summary>
    public string Folder => folder;

    /// <summary>What npm writes last: what is installed.</summary>
    private string Installed => Path.Combine(folder, "node_modules", ".package-lock.json");

    /// <summary>Installs the packages unless they are.</summary>
    /// <exception cref="InvalidOperationException">There is no npm, or it fails; the message says what to do.</exception>
    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        if (
            File.Exists(Installed)
            && File.GetLastWriteTimeUtc(Installed)
                >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json"))
        )
        {
            return;
        }
        string[] install = ["ci", "--no-audit", "--no-fund", "--prefer-offline"];
        try
        {
            var (code, output, error) = await Command.RunAsync(folder, "npm", install, cancellationToken);
            if (code != 0)
            {
                throw Missing($"{output}\n{error}");
            }
        }
        catch (Win32Exception none)
        {
            throw Missing(none.Message);
        }
    }

    /// <summary>Runs a script of the folder.</summary>
    /// <returns>Its exit code, and what it wrote.</returns>
    public Task<(int Code, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellationToken
    ) => Command.RunAsync(folder, "node", arguments, cancellationToken);

    private InvalidOperationException Missing(string reason) =>
        new(
            $"Packages are not installed. With Node.js, npm and a registry that it reaches (apt-get install nodejs npm): "
                + $"npm ci --prefix {folder}\n{reason}"
        );
}
