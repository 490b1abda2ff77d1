using Kontext.Servers;

namespace Kontext.Deploy.Tests.Containers;

/// <summary>A container file, as a list of instructions.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Instructions">Each with what follows it, on one line.</param>
internal sealed record ContainerFile(string Path, IReadOnlyList<(string Name, string Text)> Instructions)
{
    /// <summary>Reads one of <c>deploy/docker</c>.</summary>
    public static ContainerFile Read(string name)
    {
        var path = System.IO.Path.Combine(KontextServer.Repository, "deploy", "docker", name);
        var lines = File.ReadAllText(path)
            .Replace("\\\n", " ", StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.Split(' ', 2));
        return new(path, [.. lines.Select(line => (line[0], line[1]))]);
    }

    /// <summary>What follows each of a kind of instruction.</summary>
    public IReadOnlyList<string> All(string name) =>
        [.. Instructions.Where(instruction => instruction.Name == name).Select(instruction => instruction.Text)];

    /// <summary>Variables that it sets.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        All("ENV")
            .SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1].Trim('"'));

    /// <summary>The arguments of the one command that it runs and that begins so.</summary>
    public IReadOnlyList<string> Run(string begin) =>
        All("RUN")
            .Where(text => text.StartsWith(begin, StringComparison.Ordinal))
            .ShouldHaveSingleItem()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
