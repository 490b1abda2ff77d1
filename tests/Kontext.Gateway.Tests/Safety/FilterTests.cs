using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Gateway.Tests.Http;
using Kontext.Servers;
using Kontext.Storage.Objects;

namespace Kontext.Gateway.Tests.Safety;

/// <summary>What an operator's filters refuse, or cannot decide on, is not accepted, in every shape.</summary>
public sealed class FilterTests : IAsyncLifetime
{
    private const string Bfl = "/v1/flux-kontext-pro";
    private const string OpenAi = "/v1/images/generations";
    private FilterServer _prompts = null!;
    private FilterServer _inputs = null!;
    private GatewayHost _host = null!;

    private static CancellationToken Token => GatewayHost.Token;

    private static string Picture { get; } = Convert.ToBase64String(GatewayHost.Picture);

    private static object Edit { get; } = new
    {
        prompt = "pink",
        negative_prompt = "blue",
        true_cfg = 2,
        context = new[] { new { image = Picture } },
    };

    public async ValueTask InitializeAsync()
    {
        _prompts = await FilterServer.StartAsync();
        _inputs = await FilterServer.StartAsync();
        _host = await GatewayHost.StartAsync([
            "Filters:Prompt:Url",
            _prompts.Url,
            "Filters:Prompt:Secret",
            "s3cret",
            "Filters:Input:Url",
            _inputs.Url,
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _prompts.DisposeAsync();
        await _inputs.DisposeAsync();
    }

    [Fact]
    public async Task They_are_asked_about_the_words_and_each_picture_before_a_job_is_accepted()
    {
        var id = (await _host.PostAsync(Edit).ShouldBeJobAsync(202)).Id();
        var words = _prompts.Asked.ShouldHaveSingleItem();
        words.Authorization.ShouldBe("Bearer s3cret");
        words
            .Body.GetRawText()
            .ShouldBe(
                $$"""{"kind":"prompt","tenant":"default","job":"{{id}}","prompt":"pink","negative_prompt":"blue"}"""
            );
        var picture = _inputs.Asked.ShouldHaveSingleItem();
        picture.Authorization.ShouldBeNull();
        Text(picture.Body, "kind").ShouldBe("input");
        Text(picture.Body, "prompt").ShouldBe("pink");
        Text(picture.Body, "media_type").ShouldBe("image/png");
        picture.Body.GetProperty("image").GetBytesFromBase64().ShouldBe(GatewayHost.Picture);
    }

    [Fact]
    public async Task Refused_words_are_not_accepted()
    {
        _prompts.Answer = FilterServer.Refuse;
        (await _host.PostAsync(Edit).ShouldBeProblemAsync(ErrorCode.RequestModerated)).ShouldBe(
            "The prompt was refused: violence."
        );
        _inputs.Asked.ShouldBeEmpty();
        await NothingIsThereAsync();
    }

    [Theory]
    [InlineData("""{"allow": false}""")]
    [InlineData("""{"allow": false, "category": "a\u0000b"}""")]
    [InlineData(
        """{"allow": false, "category": "sixty-five characters, and that is one more than anybody needs..."}"""
    )]
    public async Task A_refused_picture_is_not_accepted(string answer)
    {
        _inputs.Answer = answer;
        (await _host.PostAsync(Edit).ShouldBeProblemAsync(ErrorCode.RequestModerated)).ShouldBe(
            "A picture of the request was refused."
        );
        await NothingIsThereAsync();
    }

    [Theory]
    [InlineData(null, 200)]
    [InlineData("", 200)]
    [InlineData("null", 200)]
    [InlineData("{}", 200)]
    [InlineData("""{"allow": "true"}""", 200)]
    [InlineData("""{"allow": null}""", 200)]
    [InlineData("""{"allow": false, "allow": true}""", 200)]
    [InlineData("""{"Allow": true}""", 200)]
    [InlineData("<html>", 200)]
    [InlineData(FilterServer.Allow, 404)]
    [InlineData(FilterServer.Allow, 302)]
    [InlineData(FilterServer.Allow, 500)]
    public async Task What_a_filter_cannot_decide_on_is_not_accepted(string? answer, int status)
    {
        (_inputs.Answer, _inputs.Status) = (answer, status);
        (await _host.PostAsync(Edit).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable)).ShouldBe(
            "The input filter does not answer, so nothing passes."
        );
        await NothingIsThereAsync();
        (_inputs.Answer, _inputs.Status) = (FilterServer.Allow, 200);
        await _host.PostAsync(Edit).ShouldBeJobAsync(202);
    }

    [Fact]
    public async Task An_endless_answer_is_no_answer()
    {
        _prompts.Answer = $$"""{"allow": true, "category": "{{new string('x', 100_000)}}"}""";
        await _host.PostAsync(Edit).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        await NothingIsThereAsync();
    }

    [Fact]
    public async Task A_filter_that_is_gone_lets_nothing_pass_in_any_shape()
    {
        await _prompts.DisposeAsync();
        await _host.PostAsync(Edit).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        foreach (var path in (string[])[Bfl, OpenAi])
        {
            using var answer = await PostAsync(path, new { prompt = "x" });
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, path);
            answer.Headers.RetryAfter.ShouldNotBeNull();
        }
        await NothingIsThereAsync();
    }

    [Fact]
    public async Task A_request_with_its_key_is_asked_about_again_as_long_as_it_is_not_accepted()
    {
        _prompts.Answer = FilterServer.Refuse;
        var key = Guid.NewGuid().ToString();
        await _host.PostAsync(Edit, key).ShouldBeProblemAsync(ErrorCode.RequestModerated);
        _prompts.Answer = FilterServer.Allow;
        var id = (await _host.PostAsync(Edit, key).ShouldBeJobAsync(202)).Id();
        (await _host.PostAsync(Edit, key).ShouldBeJobAsync(202)).Id().ShouldBe(id);
        _prompts.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Clients_of_BFL_find_a_refusal_where_they_look_for_results()
    {
        _inputs.Answer = FilterServer.Refuse;
        using var answer = await PostAsync(Bfl, new { prompt = "x", input_image = Picture });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var accepted = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        var result = await _host.Client.GetFromJsonAsync<JsonElement>(Text(accepted, "polling_url"), Token);
        (result.Id(), result.Status()).ShouldBe((accepted.Id(), "Request Moderated"));
        Text(result.GetProperty("details"), "code").ShouldBe("request_moderated");
        result.GetProperty("result").ValueKind.ShouldBe(JsonValueKind.Null);
        await NothingIsThereAsync();
    }

    [Fact]
    public async Task Clients_of_BFL_that_wait_for_a_webhook_are_told_at_once()
    {
        _prompts.Answer = FilterServer.Refuse;
        using var answer = await PostAsync(
            Bfl,
            new
            {
                prompt = "x",
                webhook_url = "https://93.184.215.14/",
                webhook_secret = "0123456789abcdef",
            }
        );
        var body = await answer.Content.ReadAsStringAsync(Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, body);
        body.ShouldContain("request_moderated");
    }

    [Fact]
    public async Task Clients_of_OpenAI_get_a_user_error()
    {
        _prompts.Answer = FilterServer.Refuse;
        using var answer = await PostAsync(OpenAi, new { prompt = "x" });
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        (Text(error, "type"), Text(error, "code")).ShouldBe(("image_generation_user_error", "moderation_blocked"));
        await NothingIsThereAsync();
    }

    private Task<HttpResponseMessage> PostAsync(string path, object body) =>
        _host.Client.PostAsJsonAsync(path, body, Token);

    private async Task NothingIsThereAsync()
    {
        (await _host.CountPendingAsync()).ShouldBe(0);
        (await _host.Objects.ListAsync("inputs/", Token).CountAsync(Token)).ShouldBe(0);
        _host.Unheard.ShouldBe(0);
    }

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;
}
