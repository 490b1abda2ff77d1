using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Telemetry;

namespace Kontext.Gateway.Telemetry;

/// <summary>What acceptance shows in a trace.</summary>
internal static class AcceptTrace
{
    private const int FirstFaultOfOurs = 500;

    /// <summary>Begins it, unless so many are recorded already that the request and its job are left out.</summary>
    public static Activity? Begin(TraceBudget budget)
    {
        var request = Activity.Current;
        if (request is not { Recorded: false } && !budget.Take())
        {
            request?.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return null;
        }
        return JobTrace.StartRequest(SpanName.Accept);
    }

    /// <summary>A wrong request is no failure of the service, which is what an error in a trace means.</summary>
    public static void Refused(Activity? span, Exception error)
    {
        if (error is KontextException { Code: { HttpStatus: < FirstFaultOfOurs } code })
        {
            span?.SetTag(SpanAttribute.ErrorType, code.Name);
        }
        else
        {
            span.Fail(error);
        }
    }
}
