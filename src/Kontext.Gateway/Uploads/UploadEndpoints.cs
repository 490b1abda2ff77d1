using Kontext.Contracts;
using Kontext.Flux.Images;
using Kontext.Gateway.Reference;
using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kontext.Gateway.Uploads;

/// <summary>The handlers under <c>/v1/images</c>.</summary>
internal static class UploadEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapUploads(this IEndpointRouteBuilder endpoints, GatewayOptions options)
    {
        var images = endpoints.MapGroup("/v1/images").WithTags("Uploads");
        images
            .MapPost("", KeepAsync)
            .WithMetadata(new BodyLimit(options.MaxBodyBytes))
            .WithSummary("Keeps a picture for jobs to come")
            .TakesPicture("file")
            .Produces<UploadView>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .MayBeAway();
        images
            .MapGet("/{id}", ShowAsync)
            .WithSummary("A picture that was uploaded")
            .Produces(
                StatusCodes.Status200OK,
                contentType: "image/png",
                additionalContentTypes: ["image/jpeg", "image/webp"]
            )
            .MayNotFind();
        images
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary("Removes a picture that was uploaded")
            .Produces(StatusCodes.Status204NoContent)
            .MayNotFind();
    }

    private static async Task<IResult> KeepAsync(
        HttpContext context,
        BodyReader bodies,
        ContextResolver contexts,
        UploadStore uploads,
        CancellationToken cancellationToken
    )
    {
        if (!UploadBody.IsTaken(context.Request))
        {
            throw new BadHttpRequestException(
                "An upload is a picture with its own media type, such as image/png, or a form with the part 'file'.",
                StatusCodes.Status415UnsupportedMediaType
            );
        }
        using var room = await bodies.TakeRoomAsync(context.Request, cancellationToken);
        var bytes = await UploadBody.ReadAsync(context.Request, bodies, cancellationToken);
        var (_, size) = await contexts.DecodeAsync(bytes, "the image", cancellationToken);
        var format = ImageFormats.Sniff(bytes)!.Value;
        var (id, expiresAt) = await uploads.PutAsync(
            RequestTenant.Of(context),
            bytes,
            format.MediaType(),
            cancellationToken
        );
        context.Response.Headers.Location = $"/v1/images/{id}";
        var view = new UploadView(id, size.Width, size.Height, format.Name(), bytes.Length, expiresAt);
        return TypedResults.Json(view, GatewayJson.Default.UploadView, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ShowAsync(
        string id,
        HttpContext context,
        UploadStore uploads,
        CancellationToken cancellationToken
    )
    {
        var bytes = await uploads.ReadAsync(RequestTenant.Of(context), id, cancellationToken) ?? throw NotFound();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Bytes(bytes, ImageFormats.Sniff(bytes)?.MediaType());
    }

    private static async Task<IResult> DeleteAsync(
        string id,
        HttpContext context,
        UploadStore uploads,
        CancellationToken cancellationToken
    ) =>
        await uploads.DeleteAsync(RequestTenant.Of(context), id, cancellationToken)
            ? TypedResults.NoContent()
            : throw NotFound();

    private static KontextException NotFound() =>
        new(ErrorCode.ImageNotFound, "There is no upload of this id, or no more.");
}
