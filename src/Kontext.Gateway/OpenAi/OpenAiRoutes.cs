using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Gateway.OpenAi;

/// <summary>The OpenAI interface: its services and routes.</summary>
internal static class OpenAiRoutes
{
    public static void AddOpenAi(this IServiceCollection services)
    {
        services.AddSingleton<ImageRequestReader>();
        services.AddSingleton<ImageAnswers>();
    }

    public static void MapOpenAi(this IEndpointRouteBuilder app, GatewayOptions options)
    {
        var group = app.MapGroup("/v1").WithMetadata(OpenAiErrors.Instance).WithTags("OpenAI");
        var limit = new BodyLimit(options.MaxBodyBytes);
        group.MapPost("/images/generations", ImageEndpoints.GenerateAsync).WithMetadata(limit);
        group.MapPost("/images/edits", ImageEndpoints.EditAsync).WithMetadata(limit);
        group.MapGet("/models", ModelEndpoints.ListAsync);
        group.MapGet("/models/{id}", ModelEndpoints.ShowAsync);
    }
}
