using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Kontext.Gateway.Reference;

/// <summary>
/// Says of a route what its handler, which reads and writes bodies itself, does not show. None of it changes how a request is
/// handled.
/// </summary>
internal static class RouteDescriptions
{
    private const string Json = "application/json";
    private const string Form = "multipart/form-data";

    /// <summary>The body is JSON of this type.</summary>
    public static RouteHandlerBuilder TakesJson<T>(this RouteHandlerBuilder route) =>
        route.AddOpenApiOperationTransformer(
            async (operation, context, cancellationToken) =>
            {
                var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken);
                Body(operation).Content![Json] = new() { Schema = schema };
            }
        );

    /// <summary>The body may as well be a form with these fields and files.</summary>
    /// <param name="route">The route.</param>
    /// <param name="file">Name of the field that files have.</param>
    public static RouteHandlerBuilder TakesForm<T>(this RouteHandlerBuilder route, string file) =>
        route.AddOpenApiOperationTransformer(
            async (operation, context, cancellationToken) =>
            {
                var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken);
                schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
                schema.Properties[file] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Binary() };
                Body(operation).Content![Form] = new() { Schema = schema };
            }
        );

    /// <summary>The body is a picture, or a form with one.</summary>
    /// <param name="route">The route.</param>
    /// <param name="file">Name of the field that the file has in a form.</param>
    public static RouteHandlerBuilder TakesPicture(this RouteHandlerBuilder route, string file) =>
        route.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                var content = Body(operation).Content!;
                foreach (var type in (string[])["image/png", "image/jpeg", "image/webp"])
                {
                    content[type] = new() { Schema = Binary() };
                }
                content[Form] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema> { [file] = Binary() },
                    },
                };
                return Task.CompletedTask;
            }
        );

    /// <summary>The header or parameter may be given.</summary>
    public static RouteHandlerBuilder Takes(
        this RouteHandlerBuilder route,
        ParameterLocation place,
        string name,
        string description
    ) =>
        route.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(
                    new OpenApiParameter
                    {
                        In = place,
                        Name = name,
                        Description = description,
                        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    }
                );
                return Task.CompletedTask;
            }
        );

    /// <summary>What every route that finds something by its id may answer.</summary>
    public static RouteHandlerBuilder MayNotFind(this RouteHandlerBuilder route) =>
        route.ProducesProblem(StatusCodes.Status404NotFound).MayBeAway();

    /// <summary>What every route may answer.</summary>
    public static RouteHandlerBuilder MayBeAway(this RouteHandlerBuilder route) =>
        route
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static OpenApiRequestBody Body(OpenApiOperation operation)
    {
        if (operation.RequestBody is not OpenApiRequestBody body)
        {
            body = new() { Required = true };
            operation.RequestBody = body;
        }
        body.Content ??= new Dictionary<string, OpenApiMediaType>();
        return body;
    }
}
