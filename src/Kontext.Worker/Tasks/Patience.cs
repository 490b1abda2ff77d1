using Kontext.Contracts;
using Microsoft.Extensions.Logging;

namespace Kontext.Worker.Tasks;

/// <summary>Goes on asking a server that does not answer, ever more slowly, and says so once.</summary>
internal sealed class Patience(TimeProvider time, ILogger<Patience> logger)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>Tries until it works.</summary>
    /// <param name="what">What is tried, for the log: "the claim on …".</param>
    /// <param name="attempt">Tries once; only <see cref="ErrorCode.ServiceUnavailable"/> is worth another try.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<T> UntilItWorksAsync<T>(
        string what,
        Func<CancellationToken, Task<T>> attempt,
        CancellationToken cancellationToken
    )
    {
        for (var wait = FirstWait; ; wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks)))
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
            {
                if (wait == FirstWait)
                {
                    logger.ServerDoesNotAnswer(what, error.Message);
                }
            }
            // Half of it by chance, so that not all workers come back at the same moment.
            await Task.Delay(wait * (0.5 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);
        }
    }

    /// <summary>Tries until it works.</summary>
    /// <param name="what">What is tried, for the log.</param>
    /// <param name="attempt">Tries once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task UntilItWorksAsync(
        string what,
        Func<CancellationToken, Task> attempt,
        CancellationToken cancellationToken
    ) =>
        UntilItWorksAsync(
            what,
            async token =>
            {
                await attempt(token);
                return true;
            },
            cancellationToken
        );
}
