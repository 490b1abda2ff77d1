using System.Net.Sockets;
using Kontext.Contracts;
using Kontext.Gateway.Health;
using Kontext.Storage.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Kontext.Cli.Serve;

/// <summary>The life of a process that serves, from its settings to its end.</summary>
internal static class ServeRun
{
    private const StringComparison Ignoring = StringComparison.OrdinalIgnoreCase;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>Serves until told to stop.</summary>
    /// <returns>0: it was told to stop, and has.</returns>
    /// <exception cref="KontextException">It could not start, or could not go on.</exception>
    public static async Task<int> ExecuteAsync(
        ServeSettings settings,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var builder = ServeHost.CreateBuilder();
        var servers = ServeServers.Of(builder.Configuration);
        servers.CheckFor(settings.Role);
        DataFolder.Create(settings.DataFolder);
        using var held = servers.Redis is null ? DataFolder.Hold(settings.DataFolder) : null;
        await using var app = ServeHost.Build(builder, settings);
        try
        {
            await StartAsync(app, ServeHost.Urls(builder.Configuration, settings), cancellationToken);
            if (await IsReadyAsync(app, cancellationToken))
            {
                var tenants = app.Services.GetRequiredService<TenantDirectory>();
                var needsKey = await tenants.AnyAsync(cancellationToken);
                ServeSummary.Print(terminal.Out, settings, servers, app.Urls, needsKey);
            }
            await app.WaitForShutdownAsync(cancellationToken);
        }
        catch (OperationCanceledException)
            when (cancellationToken.IsCancellationRequested || app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop while it was starting, or a service failed meanwhile.
        }
        if (Fault(app) is { } fault)
        {
            throw fault;
        }
        return 0;
    }

    /// <summary>
    /// Waits until work can be done, which is when its models are loaded: who is told that it serves wants to try it.
    /// </summary>
    /// <returns>False if it is told to stop before.</returns>
    private static async Task<bool> IsReadyAsync(WebApplication app, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            app.Lifetime.ApplicationStopping
        );
        var health = app.Services.GetRequiredService<HealthCheckService>();
        try
        {
            while (
                (
                    await health.CheckHealthAsync(
                        check => check.Tags.Contains(HealthEndpoints.ReadyTag),
                        stopping.Token
                    )
                ).Status != HealthStatus.Healthy
            )
            {
                await Task.Delay(BetweenLooks, stopping.Token);
            }
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Starts a host, and says by name what keeps it from listening.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    internal static async Task StartAsync(WebApplication app, string urls, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            throw CannotListen(urls, "something else listens there", error);
        }
        catch (SocketException error)
        {
            throw CannotListen(urls, error.Message, error);
        }
        catch (InvalidOperationException error) when (urls.Contains("https:", Ignoring))
        {
            // There is no certificate for it.
            throw CannotListen(urls, error.Message.Split('\n')[0], error);
        }
    }

    private static KontextException CannotListen(string urls, string reason, Exception cause) =>
        new(ErrorCode.ConfigurationInvalid, $"--urls {urls} cannot be listened on: {reason.TrimEnd('.')}.", cause);

    /// <summary>What ended a service that should have gone on, and with it the host.</summary>
    private static Exception? Fault(WebApplication app) =>
        app
            .Services.GetServices<IHostedService>()
            .OfType<BackgroundService>()
            .Select(service => service.ExecuteTask?.Exception?.InnerException)
            .FirstOrDefault(fault => fault is not null and not OperationCanceledException);
}
