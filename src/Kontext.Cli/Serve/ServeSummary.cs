using Kontext.Flux.Images;

namespace Kontext.Cli.Serve;

/// <summary>What a process says once it serves.</summary>
internal static class ServeSummary
{
    private const string Embedded = "in this process";

    /// <summary>Says what runs, where, with what, and how to try it.</summary>
    public static void Print(
        TextWriter output,
        ServeSettings settings,
        ServeServers servers,
        ICollection<string> urls,
        bool needsKey
    )
    {
        var url = urls.First();
        output.WriteLine($"{Provenance.ThisProgram} serves at {string.Join(", ", urls)}");
        output.WriteLine($"  roles    {Roles(settings)}");
        if (settings.Role.HasFlag(ServeRole.Worker))
        {
            var device = settings.Device.Kind.ToString().ToLowerInvariant();
            output.WriteLine(
                $"  models   {string.Join(", ", settings.Models.Select(model => model.Manifest.Name))} on {device}"
            );
        }
        output.WriteLine(
            $"  servers  RabbitMQ {servers.RabbitMq ?? Embedded}, Redis {servers.Redis ?? Embedded}, "
                + $"objects {servers.ObjectStore ?? $"in {settings.DataFolder}"}"
        );
        if (settings.Role.HasFlag(ServeRole.Gateway))
        {
            var key = needsKey ? " -H \"Authorization: Bearer $KONTEXT_API_KEY\"" : "";
            output.WriteLine(
                $$"""  try      curl {{url}}/v1/jobs{{key}} -H 'Content-Type: application/json' -d '{"prompt": "a red circle at the top left on a white background"}'"""
            );
        }
        output.Flush();
    }

    private static string Roles(ServeSettings settings) =>
        string.Join(
            ", ",
            Enum.GetValues<ServeRole>()
                .Where(role => role != ServeRole.All && settings.Role.HasFlag(role))
                .Select(role =>
                    role == ServeRole.Worker
                        ? $"worker ({string.Join(", ", settings.Stages).ToLowerInvariant()})"
                        : role.ToString().ToLowerInvariant()
                )
        );
}
