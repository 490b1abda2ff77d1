using Kontext.Contracts;
using Kontext.Contracts.Checkups;

namespace Kontext.Cli.Doctor;

/// <summary>A finding, and what it is about.</summary>
internal sealed record Diagnosis(string Subject, Finding Finding)
{
    /// <summary>Lets a checkup run for a limited time, and takes whatever becomes of it for a finding.</summary>
    /// <exception cref="OperationCanceledException">The command was stopped.</exception>
    public static async Task<Diagnosis> OfAsync(
        ICheckup checkup,
        TimeSpan limit,
        CancellationToken cancellationToken
    ) => new(checkup.Subject, await FindAsync(checkup, limit, cancellationToken));

    private static async Task<Finding> FindAsync(ICheckup checkup, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stopping.CancelAfter(limit);
        try
        {
            // Some of them work rather than wait, and some libraries do not listen to a token.
            return await Task.Run(() => checkup.RunAsync(stopping.Token), stopping.Token).WaitAsync(stopping.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Fault(
                ErrorCode.ServiceUnavailable,
                $"{checkup.Place} did not answer within {limit.TotalSeconds:0.#} s.",
                "See that it runs and can be reached from here: a firewall that drops packets looks like this. "
                    + "A slow one is waited for longer with --timeout."
            );
        }
        catch (KontextException error)
        {
            return Finding.Fault(error);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return Finding.Fault(ErrorCode.Internal, $"{checkup.Place}: {error.GetType().Name}: {error.Message}");
        }
    }
}
