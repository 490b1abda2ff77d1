using System.Diagnostics;
using System.Text;
using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Kontext.Messaging.Checkups;

/// <summary>Whether RabbitMQ answers, is new enough, and lets queues be declared, sent to, read and removed.</summary>
internal sealed class BrokerCheckup(BrokerAddress broker) : ICheckup
{
    /// <summary>Messages in quorum queues have a time to live from 3.10 on; tasks depend on theirs.</summary>
    private static readonly Version Oldest = new(3, 10);

    /// <summary>A confirmation is a write to a disk, or to most of several; each job waits for some.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    /// <summary>The queue goes by itself, should its removal not arrive.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private const int NotAllowed = Constants.NotAllowed;

    /// <inheritdoc/>
    public string Subject => "rabbitmq";

    /// <inheritdoc/>
    public string Place => $"RabbitMQ at {broker} ({Setting})";

    /// <inheritdoc/>
    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await BrokerConnection.OpenAsync(broker, cancellationToken);
            var version = VersionOf(connection);
            // What an old one does not know would look like a fault of ours.
            var (finding, latency) = IsOld(version)
                ? (TooOld(version), (TimeSpan?)null)
                : Judge(await TryAsync(connection, cancellationToken));
            return finding with { Version = version, Latency = latency };
        }
        catch (KontextException error)
        {
            return Finding.Fault(error, Advice(error.InnerException));
        }
    }

    private static string? VersionOf(IConnection connection) =>
        connection.ServerProperties is { } says
        && says.TryGetValue("version", out var version)
        && version is byte[] text
            ? Encoding.UTF8.GetString(text)
            : null;

    /// <summary>A version such as 4.1.0-rc.1 is as old as 4.1.0.</summary>
    private static bool IsOld(string? version) =>
        Version.TryParse(version?.Split('-', '+')[0], out var known) && known < Oldest;

    private Finding TooOld(string? version) =>
        Finding.Fault(
            ErrorCode.ConfigurationInvalid,
            $"RabbitMQ at {broker} is of version {version}, older than {Oldest}: messages in its quorum queues would never expire.",
            $"Upgrade it to {Oldest} or newer; 4 is what is meant for production."
        );

    private (Finding, TimeSpan?) Judge(TimeSpan latency) =>
        (
            latency > Slow
                ? Finding.Warning(
                    $"{broker} takes {latency.TotalMilliseconds:0} ms to confirm a message.",
                    "Look at its disks and at the network between its nodes: each job waits for several confirmations."
                )
                : Finding.Ok($"{broker}"),
            latency
        );

    /// <summary>Declares a queue as lanes are, sends a message to it and takes it.</summary>
    /// <returns>How long it took until the message was confirmed.</returns>
    private async Task<TimeSpan> TryAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var name = $"kontext.checkup.{Guid.NewGuid():n}";
        try
        {
            await using var channel = await connection.CreateChannelAsync(
                new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
                cancellationToken
            );
            await channel.ExchangeDeclareAsync(
                name,
                ExchangeType.Fanout,
                autoDelete: true,
                cancellationToken: cancellationToken
            );
            var arguments = new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-expires"] = (int)Kept.TotalMilliseconds,
            };
            await channel.QueueDeclareAsync(
                name,
                durable: true,
                exclusive: false,
                autoDelete: false,
                arguments,
                cancellationToken: cancellationToken
            );
            await channel.QueueBindAsync(name, name, "", cancellationToken: cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await channel.BasicPublishAsync(name, "", mandatory: true, ReadOnlyMemory<byte>.Empty, cancellationToken);
            var taken = Stopwatch.GetElapsedTime(started);
            await channel.BasicGetAsync(name, autoAck: true, cancellationToken);
            await channel.QueueDeleteAsync(name, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken);
            return taken;
        }
        catch (Exception error) when (BrokerConnection.IsOfBroker(error))
        {
            throw BrokerConnection.Unusable(broker, error);
        }
    }

    private string Advice(Exception? error)
    {
        var user = broker.User;
        return error switch
        {
            AuthenticationFailureException or PossibleAuthenticationFailureException =>
                $"Correct user and password in {Setting}, as in amqp://user:password@host:5672, or set the user's: rabbitmqctl change_password {user} NEW.",
            OperationInterruptedException { ShutdownReason.ReplyCode: Constants.AccessRefused } =>
                $"Let the user configure, write and read everything there: {Permissions}.",
            OperationInterruptedException { ShutdownReason.ReplyCode: NotAllowed } interrupted
                when interrupted.Message.Contains("not found", StringComparison.Ordinal) =>
                $"Make the virtual host: rabbitmqctl add_vhost {broker.VirtualHost}; and {Permissions}. Or correct {Setting}.",
            OperationInterruptedException { ShutdownReason.ReplyCode: NotAllowed } =>
                $"Let the user into the virtual host: {Permissions}.",
            OperationInterruptedException { ShutdownReason.ReplyCode: Constants.ResourceError } =>
                "See the alarms of RabbitMQ: rabbitmq-diagnostics alarms.",
            _ =>
                $"See that RabbitMQ runs ('rabbitmq-diagnostics ping' on its machine) and that its port can be reached from here, or correct {Setting}.",
        };
    }

    private string Permissions => $"rabbitmqctl set_permissions -p {broker.VirtualHost} {broker.User} '.*' '.*' '.*'";

    private static string Setting => $"ConnectionStrings:{MessagingServices.ConnectionName}";
}
