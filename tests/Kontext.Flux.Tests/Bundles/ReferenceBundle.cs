using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>The reference weights, imported as a user imports a model. One import serves all tests that read it.</summary>
public sealed class ReferenceBundle : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-reference-").FullName;

    public ReferenceBundle()
    {
        var sources = new ImportSources
        {
            Name = "reference",
            Transformer = FixturePath("transformer_tiny.safetensors"),
            Autoencoder = FixturePath("ae_tiny.safetensors"),
            T5 = Folder("t5", ("t5_tiny.safetensors", "model.safetensors"), ("t5_config.json", "config.json")),
            Config = """{"sampling": {"noise": "float32"}}""",
            Clip = Folder("clip", ("clip_tiny.safetensors", "model.safetensors"), ("clip_config.json", "config.json")),
        };
        Sources = sources;
        Bundle = BundleImporter.Import(sources, Path.Combine(_folder, "models"));
    }

    public ImportSources Sources { get; }

    public ModelBundle Bundle { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string FixturePath(string name) => FixtureFile.PathOf(name);

    private string Folder(string name, params (string Fixture, string File)[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        foreach (var (fixture, file) in files)
        {
            File.Copy(FixturePath(fixture), Path.Combine(folder, file));
        }
        return folder;
    }
}
