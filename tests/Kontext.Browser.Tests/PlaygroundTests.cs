using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontext.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Kontext.Browser.Tests;

[Collection(nameof(BrowserCollection))]
public sealed class PlaygroundTests(BrowserFixture browser)
{
    [Fact]
    public async Task An_edit_of_two_turns_goes_on_from_its_own_result_and_outlives_a_reload()
    {
        await using var open = await browser.OpenAsync();
        await open.UseSampleAsync();
        await open.SetAsync("Seed", "7");
        await open.SayAsync("make the background pink");
        await open.ExpectAsync("make the background pink", "succeeded");
        var first = await open.JobAsync();
        await Expect(open.Stage.GetByRole(AriaRole.Img, new() { Name = "Result of" })).ToBeVisibleAsync();

        await open.SayAsync("make the yellow star purple");
        await Expect(open.Frames).ToHaveCountAsync(3);
        await open.ExpectAsync("make the yellow star purple", "succeeded");
        var second = await open.JobAsync();
        second.ShouldNotBe(first);
        await Expect(open.Details).ToContainTextAsync("frame 2");
        await Expect(open.Frames.Last).ToHaveAccessibleNameAsync("2 → 3 make the yellow star purple");

        await open.Page.ReloadAsync();
        await Expect(open.Frames).ToHaveCountAsync(3);
        await open.ExpectAsync("make the yellow star purple", "succeeded");
        (await open.JobAsync()).ShouldBe(second);
        // Any earlier frame can be gone on from.
        await open.Frames.Nth(1).ClickAsync();
        await open.SayAsync("remove the blue square");
        await Expect(open.Frames.Last).ToHaveAccessibleNameAsync("2 → 4 remove the blue square");
        await open.ExpectAsync("remove the blue square", "succeeded");
    }

    [Fact]
    public async Task A_turn_is_cancelled_and_the_next_starts_from_what_it_started_from()
    {
        await using var open = await browser.OpenAsync();
        await open.UseSampleAsync();
        await open.SetAsync("Steps", "500");
        await open.SetAsync("Images", "8");
        await open.SayAsync("make the background pink");
        await Expect(open.Stage.Locator("#doing")).ToContainTextAsync("step");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await open.ExpectAsync("make the background pink", "cancelled");
        await Expect(open.Page.Locator("#base")).ToHaveTextAsync("Starts from frame 1.");
    }

    [Fact]
    public async Task Progress_is_shown_while_it_denoises()
    {
        await using var open = await browser.OpenAsync();
        await open.SetAsync("Steps", "500");
        await open.SetAsync("Images", "2");
        await open.SayAsync("a blue star at the top left on a white background");
        var meter = open.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Progress" });
        await Expect(meter).ToHaveAttributeAsync("aria-valuenow", new Regex("^[1-9]"));
        var early = await NowAsync();
        await Expect(meter).Not.ToHaveAttributeAsync("aria-valuenow", $"{early}");
        (await NowAsync()).ShouldBeGreaterThan(early);
        await open.ExpectAsync("a blue star at the top left on a white background", "succeeded");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Image 2" }).ClickAsync();
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Image 2" }))
            .ToHaveAttributeAsync("aria-pressed", "true");

        async Task<int> NowAsync() => int.Parse(await meter.GetAttributeAsync("aria-valuenow") ?? "", null);
    }

    [Fact]
    public async Task Before_and_after_are_compared_with_the_arrows_too()
    {
        await using var open = await browser.OpenAsync();
        await open.UseSampleAsync();
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "make it a sketch" }).ClickAsync();
        await open.ExpectAsync("make it a sketch", "succeeded");
        var handle = open.Page.GetByRole(AriaRole.Slider, new() { Name = "before" });
        await handle.FocusAsync();
        await handle.PressAsync("Home");
        await Expect(open.Stage.Locator(".compare")).ToHaveCSSAsync("--split", "0%");
    }

    [Fact]
    public async Task The_preview_changes_from_step_to_step()
    {
        const string Png =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
        await using var open = await browser.OpenAsync();
        // The stream is the test's own: what comes when must be certain.
        await open.Page.EvaluateAsync(
            """
            () => {
              const real = window.fetch;
              const body = new TransformStream();
              const writer = body.writable.getWriter();
              window.tell = (text) => writer.write(new TextEncoder().encode(text));
              window.fetch = (path, options) =>
                path.endsWith("/events") ? Promise.resolve(new Response(body.readable)) : real(path, options);
            }
            """
        );
        await open.SayAsync("a blue star at the top left on a white background");
        var preview = open.Page.GetByAltText("Preview of the result");
        await Expect(open.Stage.Locator("#doing")).ToBeVisibleAsync();
        await Expect(preview).ToBeHiddenAsync();
        await TellAsync("event: preview\ndata: {\"image\": 0, \"step\": 2, \"steps\": 8, ");
        await TellAsync($"\"data\": \"data:image/png;base64,{Png}\"}}\n\n");
        await Expect(preview).ToBeVisibleAsync();
        var first = await preview.GetAttributeAsync("src");
        await TellAsync($"event: preview\ndata: {{\"image\": 0, \"step\": 6, \"steps\": 8, \"data\": \"{Png}#\"}}\n\n");
        await Expect(preview).Not.ToHaveAttributeAsync("src", first!);

        Task TellAsync(string text) => open.Page.EvaluateAsync("text => window.tell(text)", text);
    }

    [Fact]
    public async Task The_preview_is_watched_while_the_server_denoises()
    {
        await using var open = await browser.OpenAsync();
        await open.UseSampleAsync();
        await open.SetAsync("Steps", "500");
        await open.SayAsync("make the background pink");
        var preview = open.Page.GetByAltText("Preview of the result");
        await Expect(preview).ToBeVisibleAsync();
        var first = await preview.GetAttributeAsync("src");
        await Expect(preview).Not.ToHaveAttributeAsync("src", first!);
        await open.PhotographAsync("preview");
        await open.ExpectAsync("make the background pink", "succeeded");
    }

    [Fact]
    public async Task A_key_is_asked_for_where_the_server_wants_one_and_kept_for_the_tab()
    {
        await using var open = await browser.OpenAsync();
        await Expect(open.Page.GetByLabel("API key")).ToBeHiddenAsync();
        await open.Page.RouteAsync(
            "**/v1/**",
            route =>
                route.Request.Headers.TryGetValue("authorization", out var key) && key == "Bearer secret"
                    ? route.ContinueAsync()
                    : route.FulfillAsync(new() { Status = 401, Body = """{"detail": "There is no key."}""" })
        );
        await open.SayAsync("a blue star at the top left on a white background");
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no key.");
        await open.Page.GetByLabel("API key").FillAsync("secret");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Use", Exact = true }).ClickAsync();
        await Expect(open.Page.GetByLabel("API key")).ToBeHiddenAsync();
        await open.SayAsync("a blue star at the top left on a white background");
        await open.ExpectAsync("a blue star at the top left on a white background", "succeeded");
        (await open.Page.EvaluateAsync<int>("localStorage.length")).ShouldBe(1);
        (await open.Page.EvaluateAsync<string>("JSON.stringify({...localStorage})")).ShouldNotContain("secret");
    }

    [Fact]
    public async Task The_command_to_copy_makes_the_same_job()
    {
        const string Prompt = "make the background pink";
        await using var open = await browser.OpenAsync();
        await open.UseSampleAsync();
        await open.SetAsync("Seed", "7");
        await open.SayAsync(Prompt);
        await open.ExpectAsync(Prompt, "succeeded");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Copy as curl" }).ClickAsync();
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", await open.Page.GetByLabel("Command").InnerTextAsync()])
            {
                WorkingDirectory = Path.Combine(KontextServer.Repository, "models", "kontext-tiny", "samples"),
                RedirectStandardOutput = true,
            }
        )!;
        var token = TestContext.Current.CancellationToken;
        using var job = JsonDocument.Parse(await shell.StandardOutput.ReadToEndAsync(token));
        await shell.WaitForExitAsync(token);
        job.RootElement.GetProperty("seed").GetInt64().ShouldBe(7);
        job.RootElement.GetProperty("status").GetString().ShouldNotBe("failed");
        await open.ExpectAccessibleAsync();
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_advice_and_its_code()
    {
        await using var open = await browser.OpenAsync();
        await open.Page.GetByLabel("Size", new() { Exact = true }).SelectOptionAsync("exact");
        await open.SetAsync("Width", "4096");
        await open.SetAsync("Height", "4096");
        await open.SayAsync("a blue star at the top left on a white background");
        var alert = open.Page.GetByRole(AriaRole.Alert);
        await Expect(alert).ToContainTextAsync("size_invalid");
        await Expect(open.Frames).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_prompt_is_text_and_never_a_part_of_the_page()
    {
        const string Prompt = "<b>bold</b><img src=x>";
        await using var open = await browser.OpenAsync();
        await open.SayAsync(Prompt);
        await open.ExpectAsync(Prompt, "succeeded");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();
        await Expect(open.Page.Locator("#jobs")).ToContainTextAsync(Prompt);
        (await open.Page.Locator("b, img[src=x]").CountAsync()).ShouldBe(0);
    }
}
