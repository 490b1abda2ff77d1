using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>A right request for every route: what the wrong ones are made from.</summary>
internal sealed class ValidRequests(string host, string finished, string open, string upload, string? key)
{
    private const string Json = "application/json";
    private const string Nobody = "00000000000000000000000000000000";

    /// <summary>Escapes no more than it has to: to escape, memory for six times a picture's text is taken, and kept.</summary>
    public static JsonSerializerOptions Plain { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Routes whose answers have another shape than problem details.</summary>
    public static bool IsBfl(string route) =>
        route.Contains("/flux-kontext-", StringComparison.Ordinal)
        || route.EndsWith("/get_result", StringComparison.Ordinal)
        || route.EndsWith("/credits", StringComparison.Ordinal);

    /// <inheritdoc cref="IsBfl"/>
    public static bool IsOpenAi(string route) =>
        route is "POST /v1/images/generations" or "POST /v1/images/edits"
        || route.StartsWith("GET /v1/models", StringComparison.Ordinal);

    /// <summary>The requests of each route.</summary>
    public IReadOnlyDictionary<string, Func<Ingredients, RawRequest>[]> ByRoute =>
        new Dictionary<string, Func<Ingredients, RawRequest>[]>
        {
            ["POST /v1/jobs"] = [Job, JobFromEarlier, Job],
            ["GET /v1/jobs"] = [_ => Get("/v1/jobs", "/v1/jobs?status=succeeded&limit=10&session=" + finished)],
            ["GET /v1/jobs/{id}"] = [_ => Get("/v1/jobs/{id}", $"/v1/jobs/{finished}")],
            ["DELETE /v1/jobs/{id}"] = [_ => Request("DELETE /v1/jobs/{id}", $"/v1/jobs/{open}?purge=true")],
            ["GET /v1/jobs/{id}/images/{n}"] =
            [
                _ => Get("/v1/jobs/{id}/images/{n}", $"/v1/jobs/{finished}/images/0?expires=1767326700&signature=5d41"),
            ],
            ["GET /v1/jobs/{id}/events"] =
            [
                _ => Get("/v1/jobs/{id}/events", $"/v1/jobs/{open}/events").With("Last-Event-ID", "1"),
            ],
            ["GET /v1/jobs/{id}/timeline"] = [_ => Get("/v1/jobs/{id}/timeline", $"/v1/jobs/{finished}/timeline")],
            ["POST /v1/images"] =
            [
                with => Request("POST /v1/images", "/v1/images", with.Picture, "image/png"),
                with => Request("POST /v1/images", "/v1/images", Form(with, "file"), FormType),
            ],
            ["GET /v1/images/{id}"] = [_ => Get("/v1/images/{id}", $"/v1/images/{upload}")],
            ["DELETE /v1/images/{id}"] = [_ => Request("DELETE /v1/images/{id}", $"/v1/images/{Nobody}")],
            ["GET /v1/usage"] = [_ => Get("/v1/usage", "/v1/usage?from=2026-01-01&to=2026-01-02")],
            ["GET /v1/cluster"] = [_ => Get("/v1/cluster", "/v1/cluster")],
            ["POST /v1/flux-kontext-dev"] = [with => Bfl("dev", with)],
            ["POST /v1/flux-kontext-pro"] = [with => Bfl("pro", with)],
            ["POST /v1/flux-kontext-max"] = [with => Bfl("max", with)],
            ["GET /v1/get_result"] = [_ => Get("/v1/get_result", $"/v1/get_result?id={finished}")],
            ["GET /v1/credits"] = [_ => Get("/v1/credits", "/v1/credits")],
            ["POST /v1/images/generations"] = [Generation],
            ["POST /v1/images/edits"] =
            [
                EditInJson,
                with => Request("POST /v1/images/edits", "/v1/images/edits", Form(with, "image[]"), FormType),
            ],
            ["GET /v1/models"] = [_ => Get("/v1/models", "/v1/models")],
            ["GET /v1/models/{id}"] = [_ => Get("/v1/models/{id}", "/v1/models/kontext-tiny")],
            ["GET /openapi/{documentName}.json"] = [_ => Get("/openapi/{documentName}.json", "/openapi/v1.json")],
            ["GET /docs/{documentName?}"] = [_ => Get("/docs/{documentName?}", "/docs")],
            ["GET /docs/scalar.js"] = [_ => Get("/docs/scalar.js", "/docs/scalar.js?x=1")],
            ["GET /docs/scalar.aspnetcore.js"] = [_ => Get("/docs/scalar.aspnetcore.js", "/docs/scalar.aspnetcore.js")],
            ["GET /docs/favicon.svg"] = [_ => Get("/docs/favicon.svg", "/docs/favicon.svg")],
            ["* /healthz/live"] = [_ => Request("* /healthz/live", "/healthz/live")],
            ["* /healthz/ready"] = [_ => Request("* /healthz/ready", "/healthz/ready")],
        };

    private static string FormType => "multipart/form-data; boundary=b";

    private RawRequest Job(Ingredients with) =>
        Request(
                "POST /v1/jobs",
                "/v1/jobs",
                new
                {
                    prompt = "make the background pink",
                    model = "kontext-tiny",
                    context = new object[] { with.Url is { } url ? new { url } : new { image = with.Source } },
                    width = 64,
                    height = 64,
                    steps = 4,
                    guidance = 2.5,
                    negative_prompt = "blue",
                    true_cfg = 2.5,
                    seed = 7,
                    count = 1,
                    format = "png",
                    priority = "standard",
                    deadline = "2999-01-01T00:00:00Z",
                    webhook = new { url = with.Webhook, secret = "0123456789abcdef" },
                }
            )
            .With("Prefer", "wait=1");

    private RawRequest JobFromEarlier(Ingredients with) =>
        Request(
            "POST /v1/jobs",
            "/v1/jobs",
            new
            {
                prompt = "now blue",
                parent = finished,
                parent_image = 0,
                aspect_ratio = "16:9",
                context = new object[] { new { job = finished, image = 0 }, new { upload } },
            }
        );

    private RawRequest Bfl(string name, Ingredients with) =>
        Request(
            $"POST /v1/flux-kontext-{name}",
            $"/v1/flux-kontext-{name}",
            new
            {
                prompt = "make the background pink",
                input_image = with.Source,
                aspect_ratio = "1:1",
                seed = 7,
                output_format = "png",
                safety_tolerance = 2,
                prompt_upsampling = false,
                webhook_url = with.Webhook,
                webhook_secret = "0123456789abcdef",
            }
        );

    private RawRequest Generation(Ingredients with) =>
        Request(
            "POST /v1/images/generations",
            "/v1/images/generations",
            new
            {
                prompt = "a circle",
                model = "kontext-tiny",
                n = 1,
                size = "64x64",
                quality = "high",
                response_format = "b64_json",
                stream = true,
                partial_images = 2,
                seed = 3,
            }
        );

    private RawRequest EditInJson(Ingredients with) =>
        Request(
            "POST /v1/images/edits",
            "/v1/images/edits",
            new
            {
                prompt = "pink",
                images = new[] { new { image_url = with.Url ?? $"data:image/png;base64,{with.Source}" } },
                size = "auto",
            }
        );

    private static byte[] Form(Ingredients with, string field) =>
        [
            .. "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\npink\r\n"u8,
            .. Encoding.UTF8.GetBytes(
                $"--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n"
            ),
            .. with.Picture,
            .. "\r\n--b--\r\n"u8,
        ];

    private RawRequest Get(string route, string target) => Request($"GET {route}", target);

    private RawRequest Request(string route, string target, object body) =>
        Request(route, target, JsonSerializer.SerializeToUtf8Bytes(body, Plain), Json).With("Idempotency-Key", "a-key");

    private RawRequest Request(string route, string target, byte[]? body = null, string? type = null)
    {
        var method = route.Split(' ')[0];
        var request = new RawRequest(route, method == "*" ? "GET" : method, target, body ?? []).With("Host", host);
        request = body is null ? request with { ContentLength = null } : request;
        request = type is null ? request : request.With("Content-Type", type);
        return key is null ? request : request.With("Authorization", $"Bearer {key}");
    }
}
