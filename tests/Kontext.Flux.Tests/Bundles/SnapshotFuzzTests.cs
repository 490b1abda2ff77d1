using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>Snapshots damaged at random import or are refused in words, and leave nothing behind that is no bundle.</summary>
public sealed class SnapshotFuzzTests : IDisposable
{
    private static readonly ErrorCode[] Refusals =
    [
        ErrorCode.FileNotFound,
        ErrorCode.InputInvalid,
        ErrorCode.WeightsInvalid,
        ErrorCode.ModelIncomplete,
    ];

    private static readonly string[] HostileNames =
    [
        "../vae/diffusion_pytorch_model.safetensors",
        "/etc/passwd",
        "/dev/zero",
        "..",
        ".",
        "",
        "a\0b",
        "config.json",
        "diffusion_pytorch_model.safetensors.index.json",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _files;

    private readonly ITestOutputHelper _output;

    public SnapshotFuzzTests(ITestOutputHelper output)
    {
        _output = output;
        var whole = DiffusersSnapshot.Write(_folder["whole"]);
        _files =
        [
            .. Directory
                .EnumerateFiles(whole, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(whole, file))
                .Order(StringComparer.Ordinal),
        ];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whatever_happened_to_a_snapshot_it_imports_or_is_refused_in_words()
    {
        var refused = 0;
        var imported = 0;
        for (var seed = 0; seed < Profile.Iterations(500); seed++)
        {
            var random = new Random(seed);
            var snapshot = Copy();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                Change(snapshot, random);
            }
            if (Imports(snapshot, seed))
            {
                imported++;
            }
            else
            {
                refused++;
            }
            Directory.Delete(snapshot, recursive: true);
        }
        _output.WriteLine($"{refused} refused in words, {imported} imported");
        // A search that only met one side would prove little.
        refused.ShouldBeGreaterThan(20);
        imported.ShouldBeGreaterThan(20);
    }

    private bool Imports(string path, int seed)
    {
        try
        {
            var found = Snapshot.Open(path);
            var sources = new ImportSources
            {
                Name = "fuzzed",
                Transformer = found.Transformer,
                Autoencoder = found.Autoencoder,
                T5 = found.T5,
                T5Tokenizer = found.T5Tokenizer,
                Clip = found.Clip,
                ClipTokenizer = found.ClipTokenizer,
            };
            var bundle = BundleImporter.Import(sources, _folder["models"]);
            PartWeights.Of(bundle).ShouldNotBeEmpty();
            Directory.Delete(bundle.Folder, recursive: true);
            return true;
        }
        catch (KontextException refusal)
        {
            Refusals.ShouldContain(refusal.Code, $"Seed {seed}: {refusal.Message}");
            return false;
        }
        catch (Exception error) when (error is not ShouldAssertException)
        {
            throw new InvalidOperationException($"Seed {seed} met what no user should.", error);
        }
        finally
        {
            if (Directory.Exists(_folder["models"]))
            {
                Directory.EnumerateFileSystemEntries(_folder["models"]).ShouldBeEmpty();
            }
        }
    }

    private void Change(string snapshot, Random random)
    {
        var name = _files[random.Next(_files.Length)];
        var file = Path.Combine(snapshot, name);
        if (!File.Exists(file))
        {
            return;
        }
        var bytes = File.ReadAllBytes(file);
        // What is linked to the whole snapshot is replaced, not written to.
        File.Delete(file);
        switch (random.Next(9))
        {
            case 0:
                break;
            case 1:
                File.WriteAllBytes(file, bytes[..random.Next(bytes.Length + 1)]);
                break;
            case 2:
                File.WriteAllBytes(file, [.. bytes, .. new byte[random.Next(1, 100)]]);
                break;
            case 3:
                File.Copy(Path.Combine(_folder["whole"], _files[random.Next(_files.Length)]), file);
                break;
            case 4:
                Directory.CreateDirectory(file);
                break;
            case 5 or 6:
                File.WriteAllBytes(file, Flip(bytes, random));
                break;
            default:
                // What an earlier change damaged cannot be read to be rewritten.
                File.WriteAllBytes(file, Rewrite(name, File.ReadAllBytes(_folder["whole", name]), random));
                break;
        }
    }

    /// <summary>Changes bytes of the first four thousand, where headers are.</summary>
    private static byte[] Flip(byte[] bytes, Random random)
    {
        const string Letters = "0123456789{}[]\",:- \0\u0080eE.FBI";
        for (var i = random.Next(1, 5); i > 0 && bytes.Length > 0; i--)
        {
            bytes[random.Next(Math.Min(bytes.Length, 4096))] = (byte)Letters[random.Next(Letters.Length)];
        }
        return bytes;
    }

    /// <summary>Changes what a file says, so that it stays well formed.</summary>
    private static byte[] Rewrite(string file, byte[] bytes, Random random)
    {
        if (file.EndsWith(".index.json", StringComparison.Ordinal))
        {
            var index = JsonNode.Parse(bytes)!;
            var map = index["weight_map"]!.AsObject();
            map[map.ElementAt(random.Next(map.Count)).Key] = HostileNames[random.Next(HostileNames.Length)];
            return Encoding.UTF8.GetBytes(index.ToJsonString());
        }
        if (!file.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            return Flip(bytes, random);
        }
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        var (name, tensor) = header.ElementAt(random.Next(header.Count));
        var shape = tensor!["shape"]!.AsArray().Select(extent => (long)extent!).ToArray();
        long[] changed = random.Next(5) switch
        {
            0 => [.. shape.Reverse()],
            1 => [shape.Aggregate(1L, (product, extent) => product * extent)],
            2 => [1, .. shape],
            3 => [],
            _ => shape,
        };
        tensor["shape"] = new JsonArray([.. changed.Select(extent => (JsonNode)extent)]);
        if (random.Next(3) == 0)
        {
            header.Remove(name);
            header.Add($"{name}.other", tensor);
        }
        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        var prefix = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)json.Length);
        return [.. prefix, .. json, .. bytes[(8 + length)..]];
    }

    /// <summary>A copy of the whole snapshot, by hard links.</summary>
    private string Copy()
    {
        var copy = _folder["copy"];
        foreach (var file in _files)
        {
            var target = Path.Combine(copy, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            HardLink.CreateOrCopy(Path.Combine(_folder["whole"], file), target, onCopy: null);
        }
        return copy;
    }
}
