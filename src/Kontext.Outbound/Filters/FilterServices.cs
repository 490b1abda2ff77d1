using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;

namespace Kontext.Outbound.Filters;

/// <summary>Adds the filters.</summary>
internal static class FilterServices
{
    private const int Retries = 2;
    private const int LongestAnswer = 64 << 10;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>More than both together, with jitter.</summary>
    private static readonly TimeSpan Pauses = TimeSpan.FromSeconds(1);

    public static void AddContentFilters(this IServiceCollection services)
    {
        services
            .AddOptions<FilterOptions>()
            .BindConfiguration(FilterOptions.Section)
            .Validate(
                options => Enum.GetValues<FilterKind>().All(kind => options[kind].IsValid),
                "Filters: a Url is not http or https, or a Timeout is not positive."
            )
            .ValidateOnStart();
        services.AddSingleton<IContentFilter, HttpFilter>();
        services.AddSingleton(provider => new ContentFilters(
            provider.GetServices<IContentFilter>(),
            provider.GetRequiredService<ILogger<ContentFilters>>()
        ));
        foreach (var kind in Enum.GetValues<FilterKind>())
        {
            services
                .AddHttpClient(
                    HttpFilter.Client(kind),
                    (provider, client) =>
                    {
                        // All tries together, and the answer's body, which they leave out.
                        client.Timeout = ((Retries + 1) * TimeoutOf(provider, kind)) + Pauses;
                        client.MaxResponseContentBufferSize = LongestAnswer;
                    }
                )
                .RemoveAllLoggers()
                .UseSocketsHttpHandler((handler, _) => handler.AllowAutoRedirect = false)
                .AddResilienceHandler(
                    "filter",
                    (pipeline, context) =>
                        pipeline
                            .AddRetry(
                                new HttpRetryStrategyOptions
                                {
                                    MaxRetryAttempts = Retries,
                                    Delay = FirstPause,
                                    BackoffType = DelayBackoffType.Exponential,
                                    UseJitter = true,
                                    // A hook that asks for patience would hold up whoever waits for us.
                                    ShouldRetryAfterHeader = false,
                                }
                            )
                            .AddTimeout(TimeoutOf(context.ServiceProvider, kind))
                );
        }
    }

    private static TimeSpan TimeoutOf(IServiceProvider provider, FilterKind kind) =>
        provider.GetRequiredService<IOptions<FilterOptions>>().Value[kind].Timeout;
}
