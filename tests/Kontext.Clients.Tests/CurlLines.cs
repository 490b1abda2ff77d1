using System.Text;
using Kontext.Servers;

namespace Kontext.Clients.Tests;

/// <summary>The commands of a document that call curl.</summary>
internal static class CurlLines
{
    private const string Fence = "```";

    /// <summary>Every command that begins with <c>curl</c> in a block of <c>sh</c>; lines that end with a backslash go on.</summary>
    public static IReadOnlyList<string> Of(string document)
    {
        var commands = new List<string>();
        var (inside, command) = (false, new StringBuilder());
        foreach (var line in document.Split('\n'))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                inside = line == $"{Fence}sh";
                continue;
            }
            if (!inside)
            {
                continue;
            }
            command.Append(line).Append('\n');
            if (line.EndsWith('\\'))
            {
                continue;
            }
            if (command.ToString().StartsWith("curl ", StringComparison.Ordinal))
            {
                commands.Add(command.ToString().Trim());
            }
            command.Clear();
        }
        return commands;
    }

    /// <summary>A document of the repository.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(KontextServer.Repository, "docs", name));
}
