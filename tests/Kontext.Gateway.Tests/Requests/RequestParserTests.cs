using System.Text;
using Kontext.Contracts;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.Tests.Requests;

public sealed class RequestParserTests
{
    [Fact]
    public void Every_field_is_read()
    {
        var request = Parse(
            """
            {"prompt": "p", "model": "m", "context": [{"image": "QUJD"}, {"job": "j", "image": 2}], "width": 64, "height": 48,
             "aspect_ratio": "4:3", "steps": 5, "guidance": 2.5, "negative_prompt": "n", "true_cfg": 3, "seed": 7, "count": 2,
             "format": "webp", "priority": "batch", "deadline": "2030-01-31T12:00:00Z"}
            """
        );
        request.ShouldSatisfyAllConditions(
            r => r.Prompt.ShouldBe("p"),
            r => r.Model.ShouldBe("m"),
            r => r.Context![0]!.Image!.Bytes.ShouldBe("ABC"u8.ToArray()),
            r => (r.Context![1]!.Job, r.Context![1]!.Image!.Number).ShouldBe(("j", 2)),
            r => (r.Width, r.Height, r.AspectRatio).ShouldBe((64, 48, "4:3")),
            r => (r.Steps, r.Guidance, r.NegativePrompt, r.TrueCfg).ShouldBe((5, 2.5f, "n", 3f)),
            r => (r.Seed, r.Count, r.Format, r.Priority).ShouldBe((7L, 2, "webp", "batch")),
            r => r.Deadline.ShouldBe("2030-01-31T12:00:00Z")
        );
    }

    [Theory]
    [InlineData("", "not valid JSON, at line 1")]
    [InlineData("{\"prompt\": \"x\"", "not valid JSON, at line 1")]
    [InlineData("{\"prompt\":\n tru}", "not valid JSON, at line 2")]
    [InlineData("{} {}", "not valid JSON")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("\"text\"", "must be a JSON object")]
    [InlineData("{\"prompt\": \"a\", \"prompt\": \"b\"}", "prompt")]
    [InlineData("{\"prompts\": \"x\"}", "There is no field 'prompts'.")]
    [InlineData("{\"Prompt\": \"x\"}", "There is no field 'Prompt'.")]
    [InlineData("{\"context\": [{\"image\": \"QUJD\"}, {\"picture\": 1}]}", "There is no field 'context[1].picture'.")]
    [InlineData("{\"prompt\": 1}", "'prompt' is text")]
    [InlineData("{\"prompt\": \"\\ud800\"}", "'prompt' is text")]
    [InlineData("{\"steps\": \"8\"}", "'steps' is a whole number")]
    [InlineData("{\"steps\": 8.5}", "'steps' is a whole number")]
    [InlineData("{\"steps\": 99999999999}", "'steps' is a whole number")]
    [InlineData("{\"seed\": 1e30}", "'seed' is a whole number")]
    [InlineData("{\"guidance\": \"much\"}", "'guidance' is a number")]
    [InlineData("{\"context\": {}}", "'context' is a list of")]
    [InlineData("{\"context\": [1]}", "'context[0]' is not of its form: 'context' is a list of")]
    [InlineData("{\"context\": [{\"image\": {}}]}", "'context[0].image' is not of its form")]
    [InlineData("{\"context\": [{\"image\": 1.5}]}", "'context[0].image' is not of its form")]
    [InlineData("{\"deadline\": 5}", "'deadline' is text, a time of RFC 3339")]
    public void What_is_not_of_the_form_is_refused_in_words_of_its_fields(string body, string words)
    {
        var refusal = Should.Throw<KontextException>(() => Parse(body));
        refusal.Code.ShouldBe(ErrorCode.RequestInvalid);
        refusal.Message.ShouldContain(words);
        refusal.Message.ShouldNotContain("Kontext.");
        refusal.Message.ShouldNotContain("System.");
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_no_JSON() =>
        Should
            .Throw<KontextException>(() =>
                RequestParser.Parse([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'])
            )
            .Code.ShouldBe(ErrorCode.RequestInvalid);

    [Fact]
    public void A_body_nested_without_end_is_refused() =>
        Should.Throw<KontextException>(() => Parse(new string('[', 100_000))).Code.ShouldBe(ErrorCode.RequestInvalid);

    [Theory]
    [InlineData("QUJD")]
    [InlineData("QUJD\\r\\n")]
    [InlineData("\\u0051UJD")]
    [InlineData("data:image/png;base64,QUJD")]
    [InlineData("data:;base64,QUJD")]
    [InlineData("data:image\\/png;base64,QUJD")]
    public void Images_are_read_in_base64_and_as_data_URIs(string image) => Image(image).ShouldBe("ABC"u8.ToArray());

    [Theory]
    [InlineData("QUJ")]
    [InlineData("QU-_")]
    [InlineData("hello world!")]
    [InlineData("data:image/png,QUJD")]
    [InlineData("data:image/png;base64")]
    [InlineData("data:image/png;base64,???")]
    [InlineData("https://example.org/cat.png")]
    public void What_is_neither_is_found_by_whoever_knows_which_it_is(string image) => Image(image).ShouldBeNull();

    private static byte[]? Image(string text) =>
        Parse($$"""{"context": [{"image": "{{text}}"}]}""").Context![0]!.Image!.Bytes;

    private static JobRequest Parse(string body) => RequestParser.Parse(Encoding.UTF8.GetBytes(body));
}
