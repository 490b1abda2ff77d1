using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Flux.Tests;

namespace Kontext.Gateway.Tests.Http;

/// <summary>Whatever is sent, it is accepted or it is the sender's fault.</summary>
public sealed class RequestFuzzTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly string[] Fields =
    [
        .. new[]
        {
            "prompt",
            "model",
            "context",
            "width",
            "height",
            "aspect_ratio",
            "steps",
            "guidance",
            "seed",
            "count",
        },
        .. new[]
        {
            "negative_prompt",
            "true_cfg",
            "format",
            "priority",
            "deadline",
            "job",
            "image",
            "",
            "$",
            "x\u0000y",
        },
    ];

    private static readonly string Image = Convert.ToBase64String(GatewayHost.Picture);

    private static readonly string[] Words =
    [
        .. new[]
        {
            "",
            " ",
            "x",
            "png",
            "jpeg",
            "batch",
            "16:9",
            "0:0",
            "kontext-tiny",
            "2999-01-01T00:00:00Z",
            "null",
        },
        .. new[]
        {
            "\u0000",
            "\uffff",
            "日本語",
            "💥",
            "../../etc",
            "data:;base64,",
            "data:,",
            "QUJD",
            Image[..100],
            Image,
        },
        new('x', 20_000),
    ];

    private static readonly string[] Numbers =
    [
        .. new[] { "0", "-0", "1", "-1", "4", "16", "64", "63", "500", "1.5", "1e2", "1e400", "-1e400", "1E-400" },
        .. new[] { "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "1e18" },
    ];

    private static readonly Gen<string> Text = Gen.OneOf(OneOf(Words), Gen.String[0, 20]);

    /// <summary>JSON, mostly of the right form, now and then of another or none.</summary>
    private static readonly Gen<string> Scalar = Gen.OneOf(
        Text.Select(text => JsonSerializer.Serialize(text)),
        OneOf(Numbers),
        OneOf("true", "false", "null", "[]", "{}", "\"\\ud800\"", "\"\\/\"", "NaN", "'x'", "\"", "//")
    );

    private static readonly Gen<string> Context = Gen.Select(OneOf("image", "job", "other"), Scalar)
        .List[0, 3]
        .Select(fields => $"{{{string.Join(",", fields.Select(field => $"\"{field.Item1}\":{field.Item2}"))}}}");

    private static readonly Gen<string> Value = Gen.Frequency(
        (5, Scalar),
        (1, Context.List[0, 6].Select(contexts => $"[{string.Join(",", contexts)}]")),
        (
            1,
            Gen.Select(Scalar, Gen.Int[1, 40])
                .Select((inner, depth) => $"{new string('[', depth)}{inner}{new string(']', depth)}")
        )
    );

    private static readonly Gen<string> Body = Gen.Select(
            Gen.Select(OneOf(Fields), Value).List[0, 8],
            Gen.Bool,
            Gen.Frequency((6, Gen.Const(-1)), (1, Gen.Int[0, 200]))
        )
        .Select(
            (fields, prompted, cut) =>
            {
                var all = fields.Select(field => $"{JsonSerializer.Serialize(field.Item1)}:{field.Item2}");
                var body = $"{{{string.Join(",", prompted ? all.Prepend("\"prompt\":\"x\"") : all)}}}";
                return cut >= 0 && cut < body.Length ? body[..cut] : body;
            }
        );

    private readonly JsonObject _right = new()
    {
        ["prompt"] = "x",
        ["context"] = new JsonArray(new JsonObject { ["image"] = Image }),
        ["seed"] = 3,
        ["width"] = 64,
        ["height"] = 64,
    };

    [Fact]
    public async Task Bodies_of_any_content_are_accepted_or_refused() =>
        await Body.SampleAsync(
            body => SendAsync(Encoding.UTF8.GetBytes(body)),
            iter: Profile.Iterations(500),
            threads: 2
        );

    [Fact]
    public async Task Bodies_with_a_few_bytes_changed_are_accepted_or_refused()
    {
        var right = Encoding.UTF8.GetBytes(_right.ToJsonString());
        await Gen.Select(Gen.Int[0, right.Length - 1], Gen.Byte)
            .List[1, 6]
            .SampleAsync(
                changes =>
                {
                    var body = (byte[])right.Clone();
                    foreach (var (at, value) in changes)
                    {
                        body[at] = value;
                    }
                    return SendAsync(body);
                },
                iter: Profile.Iterations(300),
                threads: 2
            );
    }

    [Fact]
    public async Task Pictures_with_a_few_bytes_changed_are_accepted_or_refused() =>
        await Gen.Select(Gen.Int[0, GatewayHost.Picture.Length - 1], Gen.Byte)
            .List[1, 4]
            .SampleAsync(
                changes =>
                {
                    var picture = (byte[])GatewayHost.Picture.Clone();
                    foreach (var (at, value) in changes)
                    {
                        picture[at] = value;
                    }
                    var context = new[] { new { image = Convert.ToBase64String(picture) } };
                    return SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { prompt = "x", context }));
                },
                iter: Profile.Iterations(200),
                threads: 2
            );

    private static Gen<string> OneOf(params string[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private async Task SendAsync(byte[] body)
    {
        using var answer = await shared.Host.PostAsync(body);
        var text = await answer.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(text);
        var field = (int)answer.StatusCode == 202 ? "id" : "code";
        json.RootElement.TryGetProperty(field, out _).ShouldBeTrue(text);
        ((int)answer.StatusCode).ShouldBeOneOf([202, 400, 404, 413], text);
        text.ShouldNotContain("System.");
    }
}
