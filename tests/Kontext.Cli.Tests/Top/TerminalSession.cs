using System.Diagnostics;
using System.Text;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Top;

/// <summary>A command in a terminal of its own, as somebody sees it who types there: through <c>script</c>, which every Linux has.</summary>
internal sealed class TerminalSession : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly Process _script;
    private readonly StringBuilder _shown = new();
    private readonly Task _reading;

    /// <summary>Starts the program in a terminal of a size.</summary>
    public TerminalSession(int columns, int rows, params string[] arguments)
    {
        var command = string.Join(' ', arguments.Prepend(KontextServer.Executable).Select(word => $"'{word}'"));
        var start = new ProcessStartInfo(
            "script",
            [
                "--quiet",
                "--return",
                "--flush",
                "--command",
                $"tty; stty cols {columns} rows {rows}; stty -g; trap : INT; {command}; code=$?; stty -g; exit $code",
                "/dev/null",
            ]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm";
        start.Environment["SHELL"] = "/bin/sh";
        _script = Process.Start(start)!;
        _reading = ReadAsync();
    }

    /// <summary>Everything it has shown so far.</summary>
    public string Shown
    {
        get
        {
            lock (_shown)
            {
                return _shown.ToString();
            }
        }
    }

    /// <summary>Waits for what must be shown, and takes all up to it.</summary>
    public async Task<string> UntilAsync(string text, int from = 0)
    {
        var token = TestContext.Current.CancellationToken;
        for (; ; await Task.Delay(BetweenLooks, token))
        {
            var shown = Shown;
            if (shown.IndexOf(text, from, StringComparison.Ordinal) is >= 0 and var at)
            {
                return shown[..(at + text.Length)];
            }
            _script.HasExited.ShouldBeFalse(shown);
        }
    }

    /// <summary>How the terminal was set up before the command, and how it is after it.</summary>
    public (string Before, string After) Settings =>
        Shown.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            is [_, var before, .., var after]
            ? (before, after)
            : throw new InvalidOperationException(Shown);

    /// <summary>Gives its window another size.</summary>
    public async Task ResizeAsync(int columns, int rows)
    {
        var terminal = Shown.Split('\n')[0].Trim();
        using var stty = Process.Start("stty", ["-F", terminal, "cols", $"{columns}", "rows", $"{rows}"]);
        await stty.WaitForExitAsync(TestContext.Current.CancellationToken);
        stty.ExitCode.ShouldBe(0, terminal);
    }

    /// <summary>Presses a key.</summary>
    public void Press(char key)
    {
        _script.StandardInput.Write(key);
        _script.StandardInput.Flush();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _script.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _reading;
        return _script.ExitCode;
    }

    public void Dispose()
    {
        if (!_script.HasExited)
        {
            _script.Kill(entireProcessTree: true);
        }
        _script.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _script.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_shown)
            {
                _shown.Append(buffer, 0, count);
            }
        }
    }
}
