using System.Text;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>A request as it goes over the wire, right or not.</summary>
internal sealed record RawRequest(string Route, string Method, string Target, byte[] Body)
{
    public string Version { get; init; } = "HTTP/1.1";

    /// <summary>Lines of the header besides <c>Content-Length</c> and <c>Connection: close</c>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>What the header says of the body's length; null: nothing.</summary>
    public string? ContentLength { get; init; } = $"{Body.Length}";

    /// <summary>Whether it is no HTTP any more, so that the server may close the connection without a body, or without a word.</summary>
    public bool IsBroken { get; init; }

    /// <summary>Whether the client says that nothing more comes, so that nobody waits for a body that does not.</summary>
    public bool EndsEarly { get; init; }

    /// <summary>Whether it still is for the route it was made for, so that the answer has the shape of that route.</summary>
    public bool IsForRoute { get; init; } = true;

    /// <summary>Replaces the header of a name, or adds it.</summary>
    public RawRequest With(string name, string value) => Without(name).WithLine($"{name}: {value}");

    public RawRequest WithLine(string line) => this with { Headers = [.. Headers, line] };

    public RawRequest Without(string name) =>
        this with
        {
            Headers = [.. Headers.Where(line => !line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))],
        };

    public RawRequest WithBody(byte[] body) => this with { Body = body, ContentLength = $"{body.Length}" };

    public byte[] ToBytes()
    {
        string[] length = ContentLength is null ? [] : [$"Content-Length: {ContentLength}"];
        string[] lines = [$"{Method} {Target} {Version}", .. Headers, .. length, "Connection: close", "", ""];
        return [.. Encoding.Latin1.GetBytes(string.Join("\r\n", lines)), .. Body];
    }

    /// <summary>For whoever has to find out what was wrong with it.</summary>
    public override string ToString()
    {
        var bytes = ToBytes();
        return Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 2000));
    }
}
