using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Cli.Serve;
using Kontext.Cli.Tests.Serve;
using Kontext.Contracts.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Cli.Tests.Telemetry;

/// <summary>What <c>kontext serve</c> runs, in this process, so that a test sees what it traces.</summary>
internal sealed class ServedHere : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private ServedHere(WebApplication app)
    {
        _app = app;
        _http = new() { BaseAddress = new(app.Urls.Single()) };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts one; done when it is ready for work.</summary>
    /// <param name="data">Folder of what is embedded.</param>
    /// <param name="role">What it does.</param>
    /// <param name="stages">What its worker takes.</param>
    /// <param name="configuration">What is not as it is by itself.</param>
    public static async Task<ServedHere> StartAsync(
        string data,
        ServeRole role,
        Stage[] stages,
        params (string Key, string Value)[] configuration
    )
    {
        var builder = ServeHost.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(
            configuration.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))
        );
        var app = ServeHost.Build(
            builder,
            new()
            {
                Role = role,
                Stages = stages,
                Urls = "http://127.0.0.1:0",
                DataFolder = data,
                Models = [ServeFixture.Models.Open("kontext-tiny")],
                Device = new() { Threads = 1 },
                Verbose = false,
            }
        );
        await app.StartAsync(Token);
        var served = new ServedHere(app);
        while ((await served._http.GetAsync("healthz/ready", Token)).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(BetweenLooks, Token);
        }
        return served;
    }

    /// <summary>A part of it.</summary>
    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Submits a job.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SubmitAsync(object request)
    {
        using var answer = await _http.PostAsJsonAsync("v1/jobs", request, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Token));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!;
    }

    /// <summary>Stops it as SIGTERM does: what takes steps is saved and given back.</summary>
    public Task StopAsync() => _app.StopAsync(Token);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}
