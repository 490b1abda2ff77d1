using System.Text.Json;
using Kontext.Cli.Remote;
using Kontext.Contracts;
using Kontext.Gateway;
using Kontext.Gateway.Cluster;

namespace Kontext.Cli.Top;

/// <summary>Asks a gateway what the cluster does, and shows it.</summary>
internal sealed class TopRun(GatewayClient client, Uri server, Terminal terminal, TimeProvider time)
{
    /// <summary>The leader tells its state as often.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Prints the state as the gateway tells it.</summary>
    public async Task PrintJsonAsync(CancellationToken cancellationToken)
    {
        var view = await AskAsync(cancellationToken);
        terminal.Out.WriteLine(JsonSerializer.Serialize(view, GatewayJson.Default.ClusterView));
    }

    /// <summary>Prints the state once, all of it.</summary>
    public async Task PrintAsync(CancellationToken cancellationToken)
    {
        var view = await AskAsync(cancellationToken);
        foreach (var line in TopFrame.Lay(view, server, trouble: null, time.GetUtcNow(), size: null))
        {
            terminal.Out.WriteLine(line.Text);
        }
    }

    /// <summary>Shows the state until told to stop: that is how it ends, and no failure.</summary>
    /// <exception cref="KontextException">There is nothing to show, from the beginning.</exception>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        var view = await AskAsync(cancellationToken);
        string? trouble = null;
        using var keys = new TopKeys();
        using var screen = new TopScreen(terminal.Out, Environment.GetEnvironmentVariable("NO_COLOR") is null or "");
        try
        {
            do
            {
                screen.Draw(TopFrame.Lay(view, server, trouble, time.GetUtcNow(), TopScreen.Size()));
                if (!await keys.WaitAsync(Interval, time, cancellationToken))
                {
                    return;
                }
                try
                {
                    (view, trouble) = (await AskAsync(cancellationToken), null);
                }
                catch (KontextException error)
                {
                    // A gateway that is replaced comes back; until then the last that was known is shown.
                    trouble = error.Message;
                }
            } while (true);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async Task<ClusterView> AskAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        try
        {
            return await client.ClusterAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KontextException(
                ErrorCode.ServiceUnavailable,
                $"{server} (--server) did not answer within {AnswerTimeout.TotalSeconds:0} s."
            );
        }
    }
}
