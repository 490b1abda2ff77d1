using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Kontext.Gateway.Reference;

/// <summary>The description of the interface: an OpenAPI document, and a page to read and try it.</summary>
internal static class ApiReference
{
    /// <summary>Where the document is.</summary>
    public const string DocumentPath = "/openapi/v1.json";

    /// <summary>Where the page is.</summary>
    public const string PagePath = "/docs";

    private const string Document = "v1";
    private const string Title = "Kontext.Distributed";

    /// <summary>Adds what describes the interface.</summary>
    public static void AddApiReference(this IServiceCollection services)
    {
        // What is written comes from generated code; this is for the schemas.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddOpenApi(
            Document,
            options =>
            {
                options.AddDocumentTransformer(
                    (document, _, _) =>
                    {
                        document.Info = new()
                        {
                            Title = Title,
                            Version = Document,
                            Description =
                                "Images from words and images: natively, and as Black Forest Labs and OpenAI have it.",
                        };
                        // The server is where the document came from.
                        document.Servers?.Clear();
                        AddKeys(document);
                        return Task.CompletedTask;
                    }
                );
                options.AddSchemaTransformer(
                    (schema, context, _) =>
                    {
                        // These are read by converters of ours, which schemas know nothing of.
                        if (context.JsonTypeInfo.Type == typeof(PictureSource))
                        {
                            (schema.Type, schema.Description) = (
                                JsonSchemaType.String,
                                "Base64, a data URI in base64, or a URL."
                            );
                        }
                        else if (context.JsonTypeInfo.Type == typeof(ContextImage))
                        {
                            schema.Type = JsonSchemaType.String | JsonSchemaType.Integer;
                            schema.Description = "Base64 or a data URI in base64; with a job, the number of its image.";
                        }
                        return Task.CompletedTask;
                    }
                );
            }
        );
    }

    /// <summary>Maps document and page. Everything that they need is served from here: they work without any network.</summary>
    public static void MapApiReference(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapScalarApiReference(
                PagePath,
                options =>
                {
                    options.Title = Title;
                    options.OpenApiRoutePattern = DocumentPath;
                    options.DefaultFonts = false;
                    options.Telemetry = false;
                    options.DynamicBaseServerUrl = true;
                    // They lead to services of others.
                    options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
                    options.Agent = new() { Disabled = true };
                    options.Mcp = new() { Disabled = true };
                }
            )
            .AllowAnonymous();
    }

    private static void AddKeys(OpenApiDocument document)
    {
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
            ["x-key"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "x-key",
            },
        };
        document.Security =
        [
            new() { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
            new() { [new OpenApiSecuritySchemeReference("x-key", document)] = [] },
        ];
    }
}
