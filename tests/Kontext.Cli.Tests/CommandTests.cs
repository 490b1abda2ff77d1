using System.Text;
using Kontext.Flux.Images;

namespace Kontext.Cli.Tests;

/// <summary>Base of tests that run commands: a folder of their own with a picture in it, and the tiny model.</summary>
public abstract class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-test-").FullName;

    protected CommandTests(TinyModel model)
    {
        Model = model;
        WritePicture("photo.png", 40, 40);
        Given = Files();
    }

    /// <summary>The model every command finds under the default name.</summary>
    protected TinyModel Model { get; }

    /// <summary>What the folder holds before any command.</summary>
    protected string[] Given { get; private set; }

    /// <summary>A path in the test's folder.</summary>
    protected string At(string name) => Path.Combine(_folder, name);

    /// <summary>Names of all files and folders in the test's folder, by name.</summary>
    protected string[] Files() =>
        [
            .. Directory
                .EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(_folder, path))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Runs a command in this process; an argument that begins with <c>@/</c> is a path in the test's folder.</summary>
    internal CommandRun Run(params IReadOnlyList<string> arguments) =>
        CommandRun.Of(Model.Library, [.. OnOneThread(arguments).Select(Expand)]);

    /// <summary>Runs a command that must fail and leave nothing behind.</summary>
    internal void Refused(string code, string words, params IReadOnlyList<string> arguments)
    {
        Given = Files();
        Run(arguments).ShouldFailAs(code.ToErrorCode(), words.Replace("@/", $"{_folder}/", StringComparison.Ordinal));
        Files().ShouldBe(Given);
    }

    internal static RgbImage ReadPicture(string path) => ImageDecoder.DecodeFile(path);

    /// <summary>The XMP packet of a picture, read by libvips.</summary>
    internal static string Xmp(string path)
    {
        using var image = NetVips.Image.NewFromFile(path);
        return Encoding.UTF8.GetString((byte[])image.Get("xmp-data"));
    }

    /// <summary>A picture with a gradient in it, so that no two regions are alike.</summary>
    protected void WritePicture(string name, int width, int height)
    {
        var pixels = new byte[width * height * RgbImage.Channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i * 7 % 251);
        }
        var image = new RgbImage(width, height, pixels);
        File.WriteAllBytes(At(name), ImageEncoder.Encode(image, ImageFormats.OfPath(name)!.Value, provenance: null));
    }

    /// <summary>The threads of a graph wait for work by spinning: with many tests side by side that is most of the time.</summary>
    private static IEnumerable<string> OnOneThread(IReadOnlyList<string> arguments) =>
        arguments is ["edit" or "generate", ..] && !arguments.Contains("--threads")
            ? [arguments[0], "--threads", "1", .. arguments.Skip(1)]
            : arguments;

    protected string Expand(string argument) =>
        argument.StartsWith("@/", StringComparison.Ordinal) ? At(argument[2..]) : argument;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
