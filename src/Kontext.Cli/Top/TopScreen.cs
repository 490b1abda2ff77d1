using System.Text;

namespace Kontext.Cli.Top;

/// <summary>
/// A terminal taken over for as long as this lives: the other screen that terminals have, so that what was on the first is there
/// again afterwards. The codes are those of ECMA-48 and xterm, which every terminal of today knows.
/// </summary>
internal sealed class TopScreen : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";
    private const string Home = "\e[H";
    private const string RestOfLine = "\e[K";
    private const string RestOfScreen = "\e[J";
    private const string Reset = "\e[0m";

    private readonly TextWriter _output;
    private readonly bool _colours;

    /// <summary>Takes a terminal over.</summary>
    /// <param name="output">The terminal.</param>
    /// <param name="colours">Whether lines may have colours (https://no-color.org).</param>
    public TopScreen(TextWriter output, bool colours)
    {
        (_output, _colours) = (output, colours);
        Write(Enter);
    }

    /// <summary>Columns and rows of this process' terminal at this moment; of one that does not tell, those of a VT100.</summary>
    public static (int Width, int Height) Size() =>
        (Console.WindowWidth, Console.WindowHeight) is var size and (> 0, > 0) ? size : (80, 24);

    /// <summary>Puts lines in place of what is there, all at once and without clearing first, so that nothing flickers.</summary>
    public void Draw(IReadOnlyList<TopLine> lines)
    {
        var text = new StringBuilder(Home);
        for (var i = 0; i < lines.Count; i++)
        {
            // A line end after the last line would scroll the first away.
            text.Append(i > 0 ? "\r\n" : "").Append(Styled(lines[i])).Append(RestOfLine);
        }
        Write(text.Append(RestOfScreen).ToString());
    }

    /// <summary>Gives it back.</summary>
    public void Dispose() => Write(Leave);

    private string Styled(TopLine line) =>
        line.Style switch
        {
            TopStyle.Head => $"\e[1m{line.Text}{Reset}",
            TopStyle.Alarm when _colours => $"\e[31m{line.Text}{Reset}",
            TopStyle.Alarm => $"\e[7m{line.Text}{Reset}",
            _ => line.Text,
        };

    private void Write(string text)
    {
        _output.Write(text);
        _output.Flush();
    }
}
