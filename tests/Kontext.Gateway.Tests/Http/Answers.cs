using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Gateway.Tests.Http;

/// <summary>What tests expect of answers.</summary>
internal static class Answers
{
    /// <summary>Expects a job.</summary>
    public static async Task<JsonElement> ShouldBeJobAsync(this Task<HttpResponseMessage> sent, int status)
    {
        using var answer = await sent;
        var text = await answer.Content.ReadAsStringAsync(GatewayHost.Token);
        ((int)answer.StatusCode).ShouldBe(status, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Expects a problem of a code.</summary>
    /// <returns>Its detail.</returns>
    public static async Task<string> ShouldBeProblemAsync(
        this Task<HttpResponseMessage> sent,
        ErrorCode code,
        int? status = null
    )
    {
        using var answer = await sent;
        var text = await answer.Content.ReadAsStringAsync(GatewayHost.Token);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json", text);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(GatewayHost.Token);
        problem.GetProperty("code").GetString().ShouldBe(code.Name, text);
        ((int)answer.StatusCode).ShouldBe(status ?? code.HttpStatus, text);
        problem.GetProperty("status").GetInt32().ShouldBe((int)answer.StatusCode);
        problem.GetProperty("title").GetString().ShouldBe(code.Meaning);
        problem.GetProperty("advice").GetString().ShouldBe(code.Advice);
        problem.GetProperty("type").GetString().ShouldBe($"urn:kontext:error:{code.Name}");
        if (
            answer.StatusCode
            is System.Net.HttpStatusCode.TooManyRequests
                or System.Net.HttpStatusCode.ServiceUnavailable
        )
        {
            answer.Headers.RetryAfter?.Delta.ShouldNotBeNull();
        }
        return problem.GetProperty("detail").GetString()!;
    }

    public static string Id(this JsonElement job) => job.GetProperty("id").GetString()!;

    public static string Status(this JsonElement job) => job.GetProperty("status").GetString()!;
}
