using Kontext.Gateway.Tests.Http;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>What a request is made of, for the parts that are exchanged before it is written down.</summary>
internal sealed record Ingredients
{
    /// <summary>The picture.</summary>
    public byte[] Picture { get; init; } = GatewayHost.Picture;

    /// <summary>The URL of the picture, in place of it.</summary>
    public string? Url { get; init; }

    /// <summary>Who is told of the end. Nobody is, for nothing is accepted.</summary>
    public string Webhook { get; init; } = "https://93.184.215.14/told";

    /// <summary>As base64, or the URL.</summary>
    public string Source => Url ?? Convert.ToBase64String(Picture);
}
