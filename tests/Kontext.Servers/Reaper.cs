using System.Diagnostics;

namespace Kontext.Servers;

/// <summary>
/// Ends every server of this process and removes its folder when this process ends, however it ends: a shell that waits
/// for the end of its input, which comes when the last holder of the pipe is gone.
/// </summary>
internal static class Reaper
{
    private const string Script = """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP
        declare -A groups folders
        while IFS= read -r line; do
          case $line in
            +*) groups[${line:1}]=1 ;;
            -*) unset "groups[${line:1}]" ;;
            /*) folders[$line]=1 ;;
          esac
        done
        for group in "${!groups[@]}"; do kill -9 -- "-$group"; done
        sleep 0.3
        for folder in "${!folders[@]}"; do rm -rf -- "$folder"; done
        """;

    private static readonly Lock Gate = new();
    private static readonly Process Shell = Start();

    /// <summary>A process group to kill in the end.</summary>
    public static void Add(int group) => Tell($"+{group}");

    /// <summary>A process group that is gone; its number may be given to others.</summary>
    public static void Forget(int group) => Tell($"-{group}");

    /// <summary>A folder to remove in the end.</summary>
    public static void AddFolder(string folder) => Tell(folder);

    private static void Tell(string line)
    {
        lock (Gate)
        {
            Shell.StandardInput.WriteLine(line);
            Shell.StandardInput.Flush();
        }
    }

    private static Process Start() =>
        // Of its own session, so that a Ctrl+C at the terminal reaches the tests and not what cleans up after them.
        Process.Start(
            new ProcessStartInfo("setsid", ["bash", "-c", Script])
            {
                RedirectStandardInput = true,
                UseShellExecute = false,
            }
        )!;
}
