using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Kontext.Browser.Tests;

/// <summary>How it looks, in every light, and whether everybody can use it.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class LookTests(BrowserFixture browser)
{
    [Theory]
    [InlineData("light", ColorScheme.Light, 1280, 860)]
    [InlineData("dark", ColorScheme.Dark, 1280, 860)]
    [InlineData("phone", ColorScheme.Light, 390, 844)]
    public async Task Nobody_is_kept_out(string name, ColorScheme colours, int width, int height)
    {
        await using var open = await browser.OpenAsync(
            new()
            {
                ColorScheme = colours,
                ViewportSize = new() { Width = width, Height = height },
                HasTouch = name == "phone",
            }
        );
        await open.ExpectAccessibleAsync();
        await open.PhotographAsync($"{name}-empty");
        await open.UseSampleAsync();
        foreach (
            var prompt in new[] { "make the yellow star purple", "remove the blue square", "make the background pink" }
        )
        {
            await open.SayAsync(prompt);
            await open.ExpectAsync(prompt, "succeeded");
        }
        await open.ExpectAccessibleAsync();
        await open.PhotographAsync(name, whole: name == "phone");
        await open.Page.GotoAsync("/#cluster");
        await Expect(open.Page.Locator("#timeline table")).ToBeVisibleAsync();
        await open.ExpectAccessibleAsync();
        await open.PhotographAsync($"{name}-cluster", whole: true);
        var overflow = await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        overflow.ShouldBeLessThanOrEqualTo(0);
    }
}
