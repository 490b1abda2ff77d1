using Kontext.Contracts;
using Kontext.Servers;
using Microsoft.AspNetCore.Http;

namespace Kontext.Cli.Tests.Serve;

/// <summary>What a container's health check runs.</summary>
public sealed class HealthTests(TinyModel model, ServeFixture serve) : CommandTests(model), IClassFixture<ServeFixture>
{
    [Theory]
    [InlineData]
    [InlineData("--live")]
    public void A_server_that_can_work_is_healthy(params string[] options) =>
        Run(["health", "--server", serve.Url, .. options])
            .ShouldSucceed()
            .Out.ShouldStartWith("""{"status":"healthy","checks":{""");

    [Fact]
    public void One_that_is_not_there_is_not() =>
        Run("health", "--server", $"http://127.0.0.1:{LocalPorts.Next()}")
            .ShouldFailAs(ErrorCode.ServiceUnavailable, "/healthz/ready does not answer");

    [Fact]
    public async Task One_that_says_no_is_not_and_its_reason_is_named()
    {
        const string Answer = """
            {"status":"unhealthy","checks":{"worker":{"status":"unhealthy","description":"No model is loaded."},"leader":{"status":"healthy"}}}
            """;
        await using var sick = await LocalReceiver.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return context.Response.WriteAsync(Answer);
        });

        Run("health", "--server", sick.Url.GetLeftPart(UriPartial.Authority))
            .ShouldFailAs(ErrorCode.ServiceUnavailable, "/healthz/ready says: worker, No model is loaded.");
    }
}
