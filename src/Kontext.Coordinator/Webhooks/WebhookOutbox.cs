using Kontext.Contracts.Jobs;
using Microsoft.Extensions.Logging;

namespace Kontext.Coordinator.Webhooks;

/// <summary>
/// What is told of ended jobs: marked before a job ends, told beside everything else, so that no receiver holds up an end.
/// At least once, always with one id.
/// </summary>
internal sealed class WebhookOutbox(
    WebhookMarkers markers,
    WebhookDelivery delivery,
    TimeProvider clock,
    ILogger<WebhookTerm> logger
)
{
    private WebhookTerm? _term;

    /// <summary>A term has begun: what earlier ones have left is told.</summary>
    /// <param name="leader">Knows which jobs have not been cleaned up.</param>
    /// <param name="term">Cancelled when it is over.</param>
    public void BeginTerm(Leader leader, CancellationToken term)
    {
        _term = new(markers, delivery, clock, logger, term);
        _ = _term.ResumeAsync(leader);
    }

    /// <summary>A job is about to end. Once this returns its end is told, whatever dies.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    public Task MarkAsync(JobSpec spec, CancellationToken cancellationToken) =>
        markers.MarkAsync(spec, cancellationToken);

    /// <summary>A job has ended, and it shows.</summary>
    public void Begin(JobSpec spec)
    {
        if (spec.Webhook is not null)
        {
            _term!.Begin(spec.Id);
        }
    }
}
