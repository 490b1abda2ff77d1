using Kontext.Servers;
using Microsoft.Playwright;

namespace Kontext.Browser.Tests;

/// <summary>Chromium, and a server of its own with the model that comes with the program: everything in one process.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The server whose page is tried.</summary>
    public KontextServer Server { get; } = new("kontext", new Dictionary<string, string>());

    /// <summary>Where pictures of the page go, for a person to look at.</summary>
    public static string Screenshots { get; } = Path.Combine(KontextServer.Repository, "artifacts", "screenshots");

    /// <summary>A page that nobody has used before.</summary>
    /// <param name="options">The window, colours and the like; null: a laptop's, light.</param>
    /// <param name="server">Whose; null: this one's.</param>
    public async Task<OpenPage> OpenAsync(BrowserNewContextOptions? options = null, KontextServer? server = null)
    {
        options ??= new();
        server ??= Server;
        options.BaseURL = server.Url.ToString();
        options.ViewportSize ??= new() { Width = 1280, Height = 860 };
        // What moves is measured and photographed in no certain state.
        options.ReducedMotion = ReducedMotion.Reduce;
        return await OpenPage.OpenAsync(await _browser!.NewContextAsync(options), server);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            throw new FileNotFoundException(
                $"There is no {Chromium}: apt-get install -y --no-install-recommends chromium"
            );
        }
        Directory.CreateDirectory(Screenshots);
        await Server.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = Chromium,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            }
        );
        await Server.UntilReadyAsync(TestContext.Current.CancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
        _playwright?.Dispose();
        await Server.DisposeAsync();
    }
}
