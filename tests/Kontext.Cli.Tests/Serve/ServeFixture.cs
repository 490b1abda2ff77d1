using Kontext.Flux.Bundles;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Serve;

/// <summary>One <c>kontext serve</c> without any configuration, in a process of its own, for tests that do it no harm.</summary>
public sealed class ServeFixture : IAsyncLifetime
{
    /// <summary>The models that such a process finds: those that come with the program.</summary>
    internal static ModelLibrary Models { get; } = new(Path.Combine(KontextServer.Repository, "models"));

    /// <summary>A picture of shapes that kontext-tiny knows.</summary>
    internal static string Shapes { get; } =
        Path.Combine(KontextServer.Repository, "models", "kontext-tiny", "samples", "shapes.png");

    internal KontextServer Server { get; } = New("serve");

    internal string Url => Server.Url.ToString();

    /// <summary>A process that has not been started.</summary>
    internal static KontextServer New(string name, params string[] arguments) =>
        new(name, new Dictionary<string, string>(), ["--threads", "1", .. arguments]);

    public async ValueTask InitializeAsync()
    {
        await Server.StartAsync();
        await Server.UntilReadyAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
