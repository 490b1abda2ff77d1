using System.Text.Json;
using System.Text.RegularExpressions;
using Kontext.Cli.Tests.Serve;
using Kontext.Contracts;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Top;

/// <summary><c>kontext top</c> over a server that works, in a terminal and out of one.</summary>
public sealed partial class TopTests(TinyModel model, ServeFixture serve)
    : CommandTests(model),
        IClassFixture<ServeFixture>
{
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";
    private const string FrameEnd = "\e[J";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Out_of_a_terminal_the_state_is_printed_once()
    {
        await LedAsync();
        foreach (
            var options in (string[][])
                [
                    [],
                    ["--once"],
                ]
        )
        {
            var run = Run(["top", "--server", serve.Url, .. options]).ShouldSucceed();
            run.Out.ShouldStartWith($"kontext top  {serve.Url.TrimEnd('/')}  ");
            run.Out.ShouldContain("leader   term ");
            run.Out.ShouldContain("\nkontext-tiny  denoise  s ");
            run.Out.ShouldContain("\nTENANT ");
            run.Out.ShouldNotContain('\e');
            run.Error.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task As_json_it_is_what_the_gateway_tells()
    {
        await LedAsync();
        using var json = JsonDocument.Parse(Run("top", "--server", serve.Url, "--json").ShouldSucceed().Out);
        json.RootElement.GetProperty("board").GetProperty("epoch").GetInt64().ShouldBeGreaterThan(0);
        json.RootElement.GetProperty("workers")[0].GetProperty("stages").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task In_a_terminal_it_goes_on_fits_the_window_and_gives_the_terminal_back_at_control_c()
    {
        using var session = new TerminalSession(60, 20, "top", "--server", serve.Url);
        var first = await session.UntilAsync(FrameEnd);
        first.ShouldContain(Enter);
        Frame(first).Length.ShouldBeLessThanOrEqualTo(20);
        Frame(first).ShouldAllBe(line => line.Length <= 60);
        Frame(first).ShouldContain(line => line.StartsWith("LANE"));
        var second = await session.UntilAsync(FrameEnd, first.Length);

        await session.ResizeAsync(24, 8);
        var begun = session.Shown.Length;
        string[] small;
        do
        {
            var until = await session.UntilAsync(FrameEnd, begun);
            (small, begun) = (Frame(until), until.Length);
        } while (small.Length > 8);
        small.ShouldAllBe(line => line.Length <= 24);

        session.Press('\u0003');
        (await session.EndAsync()).ShouldBe(0);
        ShouldHaveGivenBack(session);
        Regex.Count(session.Shown, Regex.Escape(Enter)).ShouldBe(1);
        second.Length.ShouldBeGreaterThan(first.Length);
    }

    [Fact]
    public async Task A_q_ends_it_and_a_server_that_is_away_for_a_while_does_not()
    {
        await using var server = ServeFixture.New("watched");
        await server.StartAsync();
        using var session = new TerminalSession(200, 24, "top", "--server", server.Url.ToString());
        await session.UntilAsync(FrameEnd);
        await server.KillAsync();
        var away = await session.UntilAsync("(--server) cannot be reached");
        await server.StartAsync();
        string[] frame;
        var begun = away.Length;
        do
        {
            var until = await session.UntilAsync(FrameEnd, begun);
            (frame, begun) = (Frame(until), until.Length);
        } while (frame.Any(line => line.Contains("cannot be reached")));
        session.Press('q');
        (await session.EndAsync()).ShouldBe(0);
        ShouldHaveGivenBack(session);
    }

    [Fact]
    public void A_server_that_is_not_there_is_named()
    {
        var nowhere = $"http://127.0.0.1:{LocalPorts.Next()}";
        Run("top", "--server", nowhere).ShouldFailAs(ErrorCode.ServiceUnavailable, $"{nowhere}/ (--server)");
        Run("top", "--server", "nowhere").ShouldFailAs(ErrorCode.Usage, "--server takes a URL");
    }

    /// <summary>A server that has just begun takes requests before its leader has shown anything, which it does once a second.</summary>
    private async Task LedAsync()
    {
        while (Run("top", "--server", serve.Url).ShouldSucceed().Out.Contains("none has begun yet"))
        {
            await Task.Delay(100, Token);
        }
    }

    /// <summary>The terminal shows what was there before, with a cursor, and takes input as before.</summary>
    private static void ShouldHaveGivenBack(TerminalSession session)
    {
        var (before, after) = session.Settings;
        before.ShouldContain(':');
        after.ShouldEndWith($"{Leave}{before}");
    }

    /// <summary>The lines of the last frame that was drawn whole.</summary>
    private static string[] Frame(string shown)
    {
        var frame = shown[(shown.LastIndexOf("\e[H", StringComparison.Ordinal) + 3)..];
        // A terminal makes a return of its own of every line end.
        return [.. Codes().Replace(frame, "").Split('\n').Select(line => line.TrimEnd('\r'))];
    }

    [GeneratedRegex(@"\e\[[\d;?]*[A-Za-z]")]
    private static partial Regex Codes();
}
