using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Kontext.Servers;
using Microsoft.Playwright;

namespace Kontext.Browser.Tests;

/// <summary>The page in one window, and what a person does there. Closing it fails if the browser had anything to complain of.</summary>
public sealed partial class OpenPage : IAsyncDisposable
{
    private static readonly string[] Grave = ["serious", "critical"];

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly IBrowserContext _context;

    private OpenPage(IBrowserContext context, IPage page, KontextServer server)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            // An answer that is a problem is told by the page itself.
            if (
                message.Type == "error"
                && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)
            )
            {
                _complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (
                !request.Url.StartsWith(server.Url.ToString(), StringComparison.Ordinal)
                && !IsLocal().IsMatch(request.Url)
            )
            {
                _complaints.Enqueue($"It asks {request.Url}.");
            }
        };
    }

    public IPage Page { get; }

    public ILocator Prompt => Page.Locator("#prompt");

    public ILocator Stage => Page.Locator("#stage");

    /// <summary>The frames of the filmstrip, without what is always there.</summary>
    public ILocator Frames => Page.Locator("#filmstrip .frame:not(.fixed)");

    public ILocator Details => Page.Locator("#turn");

    internal static async Task<OpenPage> OpenAsync(IBrowserContext context, KontextServer server)
    {
        var open = new OpenPage(context, await context.NewPageAsync(), server);
        await open.Page.GotoAsync("/");
        return open;
    }

    /// <summary>Takes the sample picture, with one click.</summary>
    public async Task UseSampleAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Try the sample" }).ClickAsync();
        await Assertions.Expect(Frames).ToHaveCountAsync(1);
    }

    /// <summary>Says an edit and sends it with the keyboard.</summary>
    public async Task SayAsync(string prompt)
    {
        await Prompt.FillAsync(prompt);
        await Prompt.PressAsync("Control+Enter");
    }

    /// <summary>Sets a setting by its label.</summary>
    public Task SetAsync(string label, string value) => Page.GetByLabel(label, new() { Exact = true }).FillAsync(value);

    /// <summary>Waits until the turn that is shown is that of a prompt and has this status.</summary>
    public async Task ExpectAsync(string prompt, string status)
    {
        await Assertions.Expect(Details.Locator(".quote")).ToHaveTextAsync(prompt);
        await Assertions.Expect(Details.Locator("dd").First).ToHaveTextAsync(status, new() { Timeout = 30_000 });
    }

    /// <summary>The id of the job that is shown.</summary>
    public Task<string> JobAsync() => Details.Locator("dd code").InnerTextAsync();

    /// <summary>Fails if axe finds what keeps people out.</summary>
    public async Task ExpectAccessibleAsync()
    {
        var result = await Page.RunAxe();
        result
            .Violations.Where(violation => Grave.Contains(violation.Impact))
            .Select(violation =>
                $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"
            )
            .ShouldBeEmpty();
    }

    /// <summary>Lets a complaint be that a test has brought about.</summary>
    public void Forgive(string part)
    {
        var others = _complaints.Where(complaint => !complaint.Contains(part, StringComparison.Ordinal)).ToArray();
        others.Length.ShouldBeLessThan(_complaints.Count);
        _complaints.Clear();
        Array.ForEach(others, _complaints.Enqueue);
    }

    /// <summary>Takes a picture for a person to look at.</summary>
    public Task PhotographAsync(string name, bool whole = false) =>
        Page.ScreenshotAsync(
            new() { Path = Path.Combine(BrowserFixture.Screenshots, $"{name}.png"), FullPage = whole }
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        // What failed first is worth more than what the browser said of it.
        if (TestContext.Current.TestState?.Result != TestResult.Failed)
        {
            _complaints.ShouldBeEmpty();
        }
    }

    [GeneratedRegex("^(data|blob):")]
    private static partial Regex IsLocal();
}
