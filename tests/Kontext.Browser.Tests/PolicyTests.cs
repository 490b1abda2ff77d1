using System.Net;
using Microsoft.Playwright;

namespace Kontext.Browser.Tests;

[Collection(nameof(BrowserCollection))]
public sealed class PolicyTests(BrowserFixture browser)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_may_run_its_own_files_and_nothing_else()
    {
        using var client = new HttpClient { BaseAddress = browser.Server.Url };
        foreach (var file in new[] { "/", "/assets/main.js", "/assets/tokens.css", "/assets/sample.png" })
        {
            using var answer = await client.GetAsync(file, Token);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, file);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';");
            policy.ShouldNotContain("unsafe");
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            using var again = new HttpRequestMessage(HttpMethod.Get, file);
            again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
            (await client.SendAsync(again, Token)).StatusCode.ShouldBe(HttpStatusCode.NotModified, file);
        }
        foreach (var file in new[] { "/assets/", "/assets/none.js", "/assets/%2e%2e/PageFiles.cs", "/index.html/x" })
        {
            (await client.GetAsync(file, Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound, file);
        }
    }

    [Fact]
    public async Task What_is_put_into_it_does_not_run()
    {
        await using var open = await browser.OpenAsync();
        var refused = await open.Page.EvaluateAsync<string>(
            """
            () => new Promise((resolve) => {
              addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.body.append(script);
            })
            """
        );
        refused.ShouldStartWith("script-src");
        (await open.Page.EvaluateAsync<bool>("window.ran === true")).ShouldBeFalse();
        open.Forgive("Content Security Policy");
    }
}
