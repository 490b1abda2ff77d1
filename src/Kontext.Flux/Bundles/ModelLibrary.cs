using Kontext.Contracts;

namespace Kontext.Flux.Bundles;

/// <summary>
/// The bundles that can be named: those of the user's folder (<c>KONTEXT_MODELS</c>, else <c>~/.kontext/models</c>)
/// and those that came with the program (<c>models</c> beside it or in a folder above it).
/// </summary>
public sealed class ModelLibrary
{
    /// <summary>A folder that may not be read holds no models for this user.</summary>
    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true };

    private readonly List<string> _folders;

    /// <summary>A library over folders; earlier ones win. The first is where new bundles go.</summary>
    public ModelLibrary(params IReadOnlyList<string> folders)
    {
        _folders = [.. folders];
        UserFolder = folders[0];
    }

    /// <summary>Where imported bundles go.</summary>
    public string UserFolder { get; }

    /// <summary>The library of this user and this installation.</summary>
    public static ModelLibrary Default()
    {
        var configured = Environment.GetEnvironmentVariable("KONTEXT_MODELS");
        var user = string.IsNullOrWhiteSpace(configured)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kontext", "models")
            : Path.GetFullPath(configured);
        return FindInstalled(AppContext.BaseDirectory) is { } installed ? new(user, installed) : new(user);
    }

    /// <summary>Names and folders of all bundles, by name.</summary>
    public IReadOnlyList<(string Name, string Folder)> List() =>
        [
            .. _folders
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateDirectories(folder, "*", Readable))
                .Where(folder => IsBundle(folder) && !IsDraft(folder))
                .DistinctBy(Path.GetFileName)
                .OrderBy(Path.GetFileName, StringComparer.Ordinal)
                .Select(folder => (Path.GetFileName(folder), folder)),
        ];

    /// <summary>Opens a bundle by name, or by the path of its folder.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ModelNotFound"/>, or <see cref="ErrorCode.ModelCorrupt"/>.
    /// </exception>
    public ModelBundle Open(string nameOrFolder)
    {
        var folder = nameOrFolder.Contains(Path.DirectorySeparatorChar)
            ? nameOrFolder
            : _folders.Select(parent => Path.Combine(parent, nameOrFolder)).FirstOrDefault(IsBundle);
        if (nameOrFolder.Length > 0 && folder is not null && IsBundle(folder))
        {
            return ModelBundle.Open(folder);
        }
        var known = List() is { Count: > 0 } all ? string.Join(", ", all.Select(model => model.Name)) : "none";
        throw new KontextException(
            ErrorCode.ModelNotFound,
            $"There is no model '{nameOrFolder}'. Known: {known} (in {string.Join(" and ", _folders)})."
        );
    }

    /// <summary>What an import that was killed leaves behind.</summary>
    private static bool IsDraft(string folder) => Path.GetFileName(folder).StartsWith('.');

    private static bool IsBundle(string folder) => File.Exists(Path.Combine(folder, ModelBundle.ManifestFile));

    private static string? FindInstalled(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var models = Path.Combine(folder.FullName, "models");
            if (Directory.Exists(models) && Directory.EnumerateDirectories(models, "*", Readable).Any(IsBundle))
            {
                return models;
            }
        }
        return null;
    }
}
