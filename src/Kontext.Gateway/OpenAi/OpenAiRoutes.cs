using Kontext.Gateway.Reference;
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
        Describe(group.MapPost("/images/generations", ImageEndpoints.GenerateAsync))
            .WithMetadata(limit)
            .WithSummary("Makes images from words, and waits for them");
        Describe(group.MapPost("/images/edits", ImageEndpoints.EditAsync))
            .WithMetadata(limit)
            .WithSummary("Edits images, and waits for the outcome")
            .TakesForm<ImageRequest>("image[]");
        group
            .MapGet("/models", ModelEndpoints.ListAsync)
            .WithSummary("Lists the models that may be asked for")
            .Produces<ModelList>();
        group
            .MapGet("/models/{id}", ModelEndpoints.ShowAsync)
            .WithSummary("Shows a model")
            .Produces<ModelView>()
            .Produces<OpenAiFailure>(StatusCodes.Status404NotFound);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route)
    {
        int[] failures = [400, 401, 402, 404, 413, 422, 429, 500, 503, 504];
        foreach (var status in failures)
        {
            route.Produces<OpenAiFailure>(status);
        }
        return route.TakesJson<ImageRequest>().Produces<ImagesAnswer>();
    }
}
