using System.Text.RegularExpressions;
using Kontext.Servers;

namespace Kontext.Clients.Tests;

/// <summary>
/// Every curl line of <c>docs/api.md</c> is run against a server. The convention for who adds one: a block of <c>sh</c>, a
/// command that begins with <c>curl</c> and can be run by itself, in any order; the server is
/// <c>http://127.0.0.1:8080</c>; <c>ID</c> is a job that has ended, with one image; <c>UPLOAD</c> is a picture that was
/// uploaded; <c>photo.png</c> is one in the folder, where files may be written too. What is answered with 400 and above fails the test.
/// </summary>
public sealed partial class ApiDocumentTests(ServedModel server) : IDisposable
{
    private const string Upload = "UPLOAD";
    private const string Written = "http://127.0.0.1:8080";

    /// <summary>What answers with a failure makes curl fail; nothing takes longer than a minute.</summary>
    private const string Prelude = "set -eu; curl() { command curl -sS --fail-with-body --max-time 60 \"$@\"; }; ";

    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-docs-").FullName;

    public static TheoryData<string> Commands => [.. CurlLines.Of(CurlLines.Read("api.md"))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task What_the_document_says_can_be_done(string command)
    {
        File.Copy(ServedModel.Picture, Path.Combine(_folder, "photo.png"));
        var text = command.Replace(Written, server.Url, StringComparison.Ordinal);
        if (Id().IsMatch(text))
        {
            text = Id().Replace(text, await server.MakeJobAsync(Token));
        }
        if (text.Contains(Upload, StringComparison.Ordinal))
        {
            text = text.Replace(Upload, await server.UploadAsync(Token), StringComparison.Ordinal);
        }
        var (code, output, error) = await Command.RunAsync(_folder, "bash", ["-c", Prelude + text], Token);
        code.ShouldBe(0, $"{text}\n{output}\n{error}");
    }

    [Fact]
    public void Every_route_of_the_document_has_a_line()
    {
        var document = CurlLines.Read("api.md");
        var lines = CurlLines.Of(document);
        var routes = Route().Matches(document).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).ToList();
        routes.Count.ShouldBeGreaterThan(10);
        foreach (var (method, path) in routes)
        {
            var pattern = Regex.Escape(Written + path).Replace(@"\{id}", $"(ID|{Upload})").Replace(@"\{n}", "[0-9]+");
            lines.ShouldContain(
                line => Regex.IsMatch(line, $"{pattern}(?![\\w/])") && MethodOf(line) == method,
                $"{method} {path}"
            );
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string MethodOf(string line) =>
        Method().Match(line) is { Success: true } said ? said.Groups[1].Value
        : Body().IsMatch(line) ? "POST"
        : "GET";

    [GeneratedRegex(@"\bID\b")]
    private static partial Regex Id();

    /// <summary>Routes as the tables of the document name them.</summary>
    [GeneratedRegex(@"`(GET|POST|PUT|DELETE) (/[^` ?]+)[^`]*`")]
    private static partial Regex Route();

    [GeneratedRegex(@"-X ([A-Z]+)")]
    private static partial Regex Method();

    [GeneratedRegex(@" (-d|-F|--data|--data-binary) ")]
    private static partial Regex Body();
}
