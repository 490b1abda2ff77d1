using System.Text.Json;
using System.Text.RegularExpressions;
using Kontext.Gateway.Reference;
using Microsoft.AspNetCore.Routing;

namespace Kontext.Gateway.Tests.Http;

/// <summary>
/// The description is whole: who adds a route gives it a summary and says what it answers, as
/// <see cref="RouteDescriptions"/> makes short.
/// </summary>
public sealed partial class ReferenceTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly string[] WithBody = ["post", "put", "patch"];

    private static CancellationToken Token => GatewayHost.Token;

    [Fact]
    public async Task Every_route_under_v1_is_described_with_its_answers()
    {
        var document = await DocumentAsync();
        var described = new HashSet<string>();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var name = $"{operation.Name.ToUpperInvariant()} {path.Name}";
                described.Add(name);
                operation.Value.TryGetProperty("summary", out var summary).ShouldBeTrue(name);
                summary.GetString().ShouldNotBeNullOrWhiteSpace(name);
                var answers = operation.Value.GetProperty("responses").EnumerateObject().ToList();
                answers.ShouldContain(answer => answer.Name.StartsWith('2'), name);
                if (WithBody.Contains(operation.Name))
                {
                    operation.Value.TryGetProperty("requestBody", out _).ShouldBeTrue(name);
                    answers.ShouldContain(answer => answer.Name.StartsWith('4'), name);
                }
            }
        }
        var routes = shared
            .Host.Get<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(route =>
                route
                    .Metadata.GetRequiredMetadata<IHttpMethodMetadata>()
                    .HttpMethods.Select(method => $"{method} {route.RoutePattern.RawText!.TrimEnd('/')}")
            )
            .ToList();
        routes.Count.ShouldBeGreaterThan(12);
        described.ShouldBe(routes, ignoreOrder: true);
    }

    [Fact]
    public async Task Fields_are_named_as_they_are_written()
    {
        var document = await DocumentAsync();
        Properties(document, "JobView").ShouldContain("timings_ms");
        Properties(document, "ImagesAnswer").ShouldContain("output_format");
        Properties(document, "BflAccepted").ShouldBe(["id", "polling_url"]);
        var body = document
            .GetProperty("paths")
            .GetProperty("/v1/jobs")
            .GetProperty("post")
            .GetProperty("requestBody")
            .GetProperty("content")
            .GetProperty("application/json")
            .GetProperty("schema");
        var fields = body.GetProperty("properties").EnumerateObject().ToDictionary(field => field.Name);
        fields.Keys.ShouldContain("aspect_ratio");
        fields["steps"].Value.GetProperty("description").GetString().ShouldBe("Denoising steps.");
        fields["steps"].Value.GetProperty("type").GetRawText().ShouldNotContain("string");
        fields.Keys.ShouldNotContain("unknown");

        static IEnumerable<string> Properties(JsonElement document, string type) =>
            document
                .GetProperty("components")
                .GetProperty("schemas")
                .GetProperty(type)
                .GetProperty("properties")
                .EnumerateObject()
                .Select(field => field.Name);
    }

    [Fact]
    public async Task The_page_and_all_it_needs_come_from_here()
    {
        var page = await shared.Host.Client.GetStringAsync(
            new Uri($"{ApiReference.PagePath}/", UriKind.Relative),
            Token
        );
        page.ShouldNotContain("http:");
        page.ShouldNotContain("https:");
        page.ShouldNotContain("src=\"//");
        page.ShouldContain("\"withDefaultFonts\":false");
        page.ShouldContain(ApiReference.DocumentPath.TrimStart('/'));
        var sources = Source().Matches(page).Select(match => match.Groups[1].Value).ToList();
        sources.Count.ShouldBeGreaterThanOrEqualTo(2);
        foreach (var source in sources)
        {
            var at = new Uri($"{ApiReference.PagePath}/{source}", UriKind.Relative);
            (await shared.Host.Client.GetByteArrayAsync(at, Token)).Length.ShouldBeGreaterThan(1000, source);
        }
    }

    private async Task<JsonElement> DocumentAsync() =>
        JsonSerializer.Deserialize<JsonElement>(
            await shared.Host.Client.GetStringAsync(new Uri(ApiReference.DocumentPath, UriKind.Relative), Token)
        );

    [GeneratedRegex("src=\"([^\"]+)\"")]
    private static partial Regex Source();
}
