using Kontext.Cli.Serve;
using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Flux.Bundles;
using Kontext.Messaging.Checkups;
using Kontext.Storage.Checkups;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontext.Cli.Doctor;

/// <summary>Whether a process can be put together from the configuration: it is, and not started.</summary>
/// <param name="settings">The process, its models not opened.</param>
/// <param name="models">Names of its models.</param>
/// <param name="library">Where they are.</param>
internal sealed class ConfigurationCheckup(ServeSettings settings, IReadOnlyList<string> models, ModelLibrary library)
    : ICheckup
{
    private const string Embedded = "in the process";

    /// <inheritdoc/>
    public string Subject => "configuration";

    /// <inheritdoc/>
    public string Place => "The configuration";

    /// <inheritdoc/>
    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        var builder = ServeHost.CreateBuilder();
        var servers = ServeServers.Of(builder.Configuration);
        servers.CheckFor(settings.Role);
        try
        {
            await using var app = ServeHost.Build(builder, WithModels());
            app.Services.GetService<IStartupValidator>()?.Validate();
            // Addresses are read when they are first used, which is after it is put together.
            _ = MessagingCheckups.Of(builder.Configuration);
            _ = StorageCheckups.Of(builder.Configuration, settings.DataFolder, TimeProvider.System);
        }
        // What a section of the configuration cannot be read as, and what is wrong with what it was read as.
        catch (Exception error) when (error is InvalidOperationException or OptionsValidationException)
        {
            return Finding.Fault(ErrorCode.ConfigurationInvalid, error.Message);
        }
        return servers is { Redis: not null, ObjectStore: null }
            ? Finding.Warning(
                $"Jobs are in Redis at {servers.Redis}, but images are in '{settings.DataFolder}' on this machine.",
                "Set ObjectStore__Endpoint, __AccessKey and __SecretKey, unless all processes run here."
            )
            : Finding.Ok(
                $"RabbitMQ {servers.RabbitMq ?? Embedded}, Redis {servers.Redis ?? Embedded}, "
                    + $"objects {servers.ObjectStore ?? $"in {settings.DataFolder}"}"
            );
    }

    /// <summary>Without any model there is no worker to put together; that there is none is found of the models.</summary>
    private ServeSettings WithModels()
    {
        ModelBundle[] opened = [.. models.Select(TryOpen).OfType<ModelBundle>()];
        return settings with
        {
            Models = opened,
            Role = opened.Length > 0 ? settings.Role : settings.Role & ~ServeRole.Worker,
        };
    }

    private ModelBundle? TryOpen(string name)
    {
        try
        {
            return library.Open(name);
        }
        catch (KontextException)
        {
            return null;
        }
    }
}
