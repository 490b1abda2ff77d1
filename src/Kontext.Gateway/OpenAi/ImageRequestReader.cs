using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Contracts;
using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.OpenAi;

/// <summary>Reads requests of the OpenAI interface, whether they come as JSON or as a form with files.</summary>
internal sealed class ImageRequestReader(BodyReader bodies, IOptions<GatewayOptions> options)
{
    private const string Picture = "image";

    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["prompt"] = JsonBody.Text,
        ["model"] = JsonBody.Text,
        ["n"] = JsonBody.WholeNumber,
        ["size"] = "text such as \"1024x1024\", or \"auto\"",
        ["output_format"] = JsonBody.Text,
        ["output_compression"] = JsonBody.WholeNumber,
        ["response_format"] = JsonBody.Text,
        ["stream"] = JsonBody.Flag,
        ["partial_images"] = JsonBody.WholeNumber,
        ["quality"] = JsonBody.Text,
        ["background"] = JsonBody.Text,
        ["moderation"] = JsonBody.Text,
        ["input_fidelity"] = JsonBody.Text,
        ["style"] = JsonBody.Text,
        ["user"] = JsonBody.Text,
        ["images"] = "a list of {\"image_url\": a URL or a data URI}",
        ["seed"] = JsonBody.WholeNumber,
        ["steps"] = JsonBody.WholeNumber,
        ["guidance"] = JsonBody.Number,
    };

    /// <summary>Reads a request. Its body has to have room in <see cref="BodyReader"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="edits">Whether it edits pictures.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What is ordered, and a digest that tells it from another under the same key.</returns>
    /// <exception cref="KontextException">The request is wrong.</exception>
    /// <exception cref="BadHttpRequestException">The body is too long, or ends early.</exception>
    public async Task<(ImageOrder Order, string Digest)> ReadAsync(
        HttpRequest request,
        bool edits,
        CancellationToken cancellationToken
    )
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(digest, Encoding.UTF8.GetBytes(request.Path));
        byte[] json;
        List<ContextRequest> pictures = [];
        if (request.HasJsonContentType())
        {
            json = await bodies.ReadAsync(request, cancellationToken);
        }
        else
        {
            var form = await ReadFormAsync(request, cancellationToken);
            json = ToJson(form);
            foreach (var file in form.Files)
            {
                var bytes = await ReadAsync(file, cancellationToken);
                pictures.Add(new() { Image = new() { Bytes = bytes } });
                // The boundary of a form is another each time: its files are what tells it from others.
                Append(digest, bytes);
            }
        }
        Append(digest, json);
        var parsed = Parse(json);
        pictures.AddRange(Pictures(parsed));
        if (edits != pictures.Count > 0)
        {
            throw JsonBody.Invalid(
                edits ? "There is no 'image' to edit." : "Pictures are edited at /v1/images/edits.",
                Picture
            );
        }
        var order = ImageOrder.Of(parsed, pictures);
        return (order, Convert.ToHexStringLower(digest.GetHashAndReset()));
    }

    /// <summary>Reads JSON.</summary>
    internal static ImageRequest Parse(ReadOnlySpan<byte> json)
    {
        var request = JsonBody.Read(json, OpenAiJson.Default.ImageRequest, Forms);
        JsonBody.RefuseUnknown(request.Unknown?.Keys, "");
        if (request.Mask is { ValueKind: not JsonValueKind.Null })
        {
            throw NoMask();
        }
        return request;
    }

    private static IEnumerable<ContextRequest> Pictures(ImageRequest request)
    {
        foreach (var (image, i) in (request.Images ?? []).Select((image, i) => (image, i)))
        {
            JsonBody.RefuseUnknown(image?.Unknown?.Keys, $"images[{i}].");
            yield return image?.ImageUrl?.ToContext($"images[{i}].image_url")
                ?? throw JsonBody.Invalid($"'images[{i}]' has no 'image_url'.", $"images[{i}]");
        }
    }

    private async Task<IFormCollection> ReadFormAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var limit = options.Value.MaxBodyBytes;
        // Never on the disk: all bodies together have their room in memory.
        var limits = new FormOptions { MultipartBodyLengthLimit = limit, MemoryBufferThreshold = limit };
        try
        {
            return await new FormFeature(request, limits).ReadFormAsync(cancellationToken);
        }
        catch (Exception error)
            when (error is InvalidDataException or IOException and not BadHttpRequestException
                && !cancellationToken.IsCancellationRequested
            )
        {
            throw JsonBody.Invalid("The body is not a whole multipart form.", field: null, error);
        }
    }

    /// <summary>The fields of a form as JSON: what is wrong with one is then told as in JSON.</summary>
    private static byte[] ToJson(IFormCollection form)
    {
        var fields = new JsonObject();
        foreach (var (name, values) in form)
        {
            if (name is Picture or $"{Picture}[]" or "images" or "mask")
            {
                throw JsonBody.Invalid($"'{name}' must be a file.", name);
            }
            fields[name] = values is [{ } text]
                ? Value(name, text)
                : throw JsonBody.Invalid($"'{name}' is given {values.Count} times.", name);
        }
        foreach (var file in form.Files)
        {
            if (file.Name == "mask")
            {
                throw NoMask();
            }
            if (file.Name is not (Picture or $"{Picture}[]"))
            {
                throw JsonBody.Invalid($"There is no file '{file.Name}'.", file.Name);
            }
        }
        return JsonSerializer.SerializeToUtf8Bytes(fields, OpenAiJson.Default.JsonObject);
    }

    /// <summary>What the text of a field says, in the form that the field has; text where it has another.</summary>
    private static JsonValue Value(string name, string text) =>
        Forms.GetValueOrDefault(name) switch
        {
            JsonBody.WholeNumber
                when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
                JsonValue.Create(number),
            JsonBody.Number
                when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && double.IsFinite(number) => JsonValue.Create(number),
            JsonBody.Flag when bool.TryParse(text, out var flag) => JsonValue.Create(flag),
            _ => JsonValue.Create(text),
        };

    private static async Task<byte[]> ReadAsync(IFormFile file, CancellationToken cancellationToken)
    {
        var bytes = new byte[file.Length];
        await using var content = file.OpenReadStream();
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private static void Append(IncrementalHash digest, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        digest.AppendData(length);
        digest.AppendData(part);
    }

    private static KontextException NoMask() =>
        JsonBody.Invalid(
            "'mask' takes nothing: the model edits by words alone, say in 'prompt' what to change.",
            "mask"
        );
}
