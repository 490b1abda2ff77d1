using System.Net;
using System.Runtime.InteropServices;

namespace Kontext.Coordinator.Webhooks;

/// <summary>What came of an attempt.</summary>
/// <param name="Words">The same in words, for people; without the URL, which only its owner should know.</param>
/// <param name="Status">Status of the answer; null if there was none.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
/// <param name="IsForbidden">Whether its address is none where requests may go.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WebhookAnswer(
    string Words,
    HttpStatusCode? Status = null,
    TimeSpan? RetryAfter = null,
    bool IsForbidden = false
)
{
    /// <summary>The receiver has it.</summary>
    public bool IsTaken => (int?)Status is >= 200 and < 300;

    /// <summary>The receiver wants nothing any more.</summary>
    public bool IsDeclined => Status == HttpStatusCode.Gone;
}
