using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Kontext.Gateway.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.OpenAi;

/// <summary>The handlers of <c>/v1/models</c>: models by the names that a tenant may ask for.</summary>
internal static class ModelEndpoints
{
    private const string Owner = "kontext";

    public static async Task<IResult> ListAsync(
        HttpContext context,
        ModelCatalogue models,
        IOptions<GatewayOptions> options,
        CancellationToken cancellationToken
    )
    {
        var views = await ViewsAsync(RequestTenant.PolicyOf(context), models, options.Value, cancellationToken);
        return TypedResults.Json(new ModelList("list", views), OpenAiJson.Default.ModelList);
    }

    public static async Task<JsonHttpResult<ModelView>> ShowAsync(
        string id,
        HttpContext context,
        ModelCatalogue models,
        IOptions<GatewayOptions> options,
        CancellationToken cancellationToken
    )
    {
        var views = await ViewsAsync(RequestTenant.PolicyOf(context), models, options.Value, cancellationToken);
        var view =
            views.FirstOrDefault(view => view.Id == id)
            ?? throw new KontextException(
                ErrorCode.ModelNotFound,
                "There is no model of this name; GET /v1/models lists them."
            );
        return TypedResults.Json(view, OpenAiJson.Default.ModelView);
    }

    private static async Task<IReadOnlyList<ModelView>> ViewsAsync(
        Tenant tenant,
        ModelCatalogue models,
        GatewayOptions options,
        CancellationToken cancellationToken
    )
    {
        var served = await models.ListAsync(cancellationToken);
        var views = served
            .Where(model => tenant.Allows(model.Ref))
            .GroupBy(model => model.Ref.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => View(group.Key, group.Last()), StringComparer.Ordinal);
        foreach (var alias in options.ModelAliases.Keys)
        {
            if (
                !views.ContainsKey(alias)
                && await TryFindAsync(models, alias, cancellationToken) is { } model
                && tenant.Allows(model.Ref)
            )
            {
                views.Add(alias, View(alias, model));
            }
        }
        return [.. views.Values.OrderBy(view => view.Id, StringComparer.Ordinal)];
    }

    /// <summary>The model of a name; null if it is not served.</summary>
    private static async Task<ServedModel?> TryFindAsync(
        ModelCatalogue models,
        string name,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await models.FindAsync(name, cancellationToken);
        }
        catch (KontextException)
        {
            return null;
        }
    }

    private static ModelView View(string name, ServedModel model) =>
        new(name, "model", model.AnnouncedAt.ToUnixTimeSeconds(), Owner);
}
