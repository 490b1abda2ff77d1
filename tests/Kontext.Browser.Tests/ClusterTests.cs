using Kontext.Integration.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Kontext.Browser.Tests;

/// <summary>The page against processes and servers of their own, as they run in earnest.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class ClusterTests(BrowserFixture browser)
{
    /// <summary>In milliseconds: images that share steps come all at once, and late on a machine that is busy.</summary>
    private const float Patience = 60_000;

    private const string Prompt = "make the background pink";

    [Fact]
    public async Task While_workers_work_lanes_workers_tenants_and_a_timeline_are_seen()
    {
        await using var cluster = await Cluster.StartAsync();
        var gateway = cluster.AddAsync("gateway", "--role", "gateway");
        await Task.WhenAll(
            gateway,
            cluster.AddAsync("coordinator", "--role", "coordinator"),
            cluster.AddWorkerAsync("ends", "encode,decode"),
            cluster.AddWorkerAsync("denoise-1", "denoise"),
            cluster.AddWorkerAsync("denoise-2", "denoise")
        );
        await using var open = await browser.OpenAsync(server: await gateway);
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();
        // Waiting costs nothing, and what is there later is shown without a reload.
        await Expect(open.Page.Locator("#workers > ul > li")).ToHaveCountAsync(3, new() { Timeout = Patience });
        await Expect(open.Page.Locator("#freshness")).ToHaveTextAsync("Live", new() { Timeout = Patience });

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Playground", Exact = true }).ClickAsync();
        await open.UseSampleAsync();
        await open.SayAsync(Prompt);
        await open.ExpectAsync(Prompt, "succeeded");
        await open.SetAsync("Steps", "250");
        await open.SetAsync("Images", "10");
        await open.SayAsync("make the yellow star purple");
        await Expect(open.Stage.Locator("#doing")).ToContainTextAsync("step");

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();
        var denoise = open.Page.Locator("#lanes tr", new() { HasText = "denoise" });
        // With workers; whether any wait depends on how many at a time they have learned to take.
        await Expect(denoise.Locator("td.number").Nth(1)).Not.ToHaveTextAsync("0", new() { Timeout = Patience });
        await Expect(open.Page.Locator("#workers .boxes .full").First).ToBeAttachedAsync(new() { Timeout = Patience });
        await Expect(open.Page.Locator("#tenants")).ToContainTextAsync("default");
        await Expect(open.Page.Locator("#timeline .took.running").First)
            .ToBeAttachedAsync(new() { Timeout = Patience });
        await Expect(open.Page.Locator("#timeline .took.decode").First).ToBeAttachedAsync(new() { Timeout = Patience });
        await open.ExpectAccessibleAsync();
        await open.PhotographAsync("cluster", whole: true);

        await Expect(open.Page.Locator("#timeline")).ToContainTextAsync("succeeded", new() { Timeout = Patience });
        (await open.Page.Locator("#timeline .took").CountAsync()).ShouldBe(21);
        await open.Page.SetViewportSizeAsync(1280, 1600);
        await open
            .Page.Locator("section.card", new() { Has = open.Page.Locator("#timeline") })
            .ScreenshotAsync(new() { Path = Path.Combine(BrowserFixture.Screenshots, "waterfall.png") });
    }
}
