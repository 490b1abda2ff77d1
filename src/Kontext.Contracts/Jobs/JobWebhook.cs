namespace Kontext.Contracts.Jobs;

/// <summary>Who is told of a job's end, by a request that is signed as Standard Webhooks says.</summary>
/// <param name="Url">Where to send it, an http or https URL.</param>
/// <param name="Secret">Key of the signature: <c>whsec_</c> and base64 of the key, or text that is the key as it stands.</param>
public sealed record JobWebhook(string Url, string Secret);
