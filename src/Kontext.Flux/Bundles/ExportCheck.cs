namespace Kontext.Flux.Bundles;

/// <summary>Descriptions of exported graphs that no import writes, as an edited <c>model.json</c> may hold them.</summary>
internal static class ExportCheck
{
    /// <summary>The first thing wrong with a manifest's exported graphs, as a sentence; null if there is none.</summary>
    public static string? Fault(ModelManifest manifest) =>
        (manifest.Graphs ?? new Dictionary<string, ExportedGraph>())
            .Select(graph => Fault(graph.Key, graph.Value))
            .FirstOrDefault(fault => fault is not null)
        ?? (
            manifest is { Transformer: { } transformer }
            && manifest.Export(GraphKind.Transformer) is { } export
            && export.Inputs.ContainsKey("guidance") != transformer.GuidanceEmbedding
                ? "the graph 'transformer' and guidance_embedding disagree on whether there is guidance."
                : null
        );

    private static string? Fault(string name, ExportedGraph? graph)
    {
        if (PortRole.ExportedKinds.Where(kind => kind.Name() == name) is var kinds && !kinds.Any())
        {
            return $"there is no graph '{name}' that could be exported.";
        }
        // JSON may say null where the type does not.
        if (graph is null)
        {
            return $"the graph '{name}' is not described.";
        }
        var kind = kinds.First();
        var roles = PortRole.InputsOf(kind);
        var known = roles.Select(role => role.Role).ToHashSet(StringComparer.Ordinal);
        if (graph.Inputs.Keys.FirstOrDefault(input => !known.Contains(input)) is { } unknown)
        {
            return $"the graph '{name}' has an input '{unknown}', which none of its kind has.";
        }
        if (kind is GraphKind.ContextEncoder or GraphKind.Decoder && graph.Latents is null)
        {
            return $"the graph '{name}' does not say what its latents are.";
        }
        if (kind == GraphKind.Decoder && graph.Latents == LatentForm.MeanLogVariance)
        {
            return $"the graph '{name}' would take a variance, which no decoder does.";
        }
        return roles
                .Select(role => Fault(name, role, graph.Inputs.GetValueOrDefault(role.Role)))
                .FirstOrDefault(fault => fault is not null)
            ?? Fault(name, PortRole.OutputOf(kind), graph.Outputs.GetValueOrDefault(PortRole.OutputOf(kind).Role));
    }

    private static string? Fault(string name, PortRole role, Onnx.GraphPort? port) =>
        port is null ? (role.IsOptional ? null : $"the graph '{name}' lacks its '{role.Role}'.")
        : port is { Name: null or "" } or { Shape: null }
        || !role.Types.Contains(port.Type)
        || !role.Ranks.Contains(port.Shape.Count)
        || port.Shape.Any(extent => extent < 1)
            ? $"the graph '{name}' cannot have {port.Type} of {port.Shape?.Count ?? 0} dimensions as '{role.Role}'."
        : null;
}
