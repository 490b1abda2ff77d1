using Kontext.Gateway.Bfl;
using Kontext.Gateway.Cluster;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Jobs.Lists;
using Kontext.Gateway.Jobs.Timelines;
using Kontext.Gateway.OpenAi;
using Kontext.Gateway.Origins;
using Kontext.Gateway.Page;
using Kontext.Gateway.Problems;
using Kontext.Gateway.Reference;
using Kontext.Gateway.Tenants;
using Kontext.Gateway.Uploads;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway;

/// <summary>What the gateway serves over HTTP, described in <c>docs/api.md</c>.</summary>
public static class GatewayEndpoints
{
    /// <summary>Maps the endpoints and makes every failure on the way to them a problem.</summary>
    public static void MapKontextGateway(this WebApplication app)
    {
        // Its options are empty on purpose: ExceptionProblems answers everything.
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(context => ExceptionProblems.WriteStatusAsync(context.HttpContext));
        app.UsePage();
        app.UseRouting();
        app.UseOrigins();
        app.UseTenants();
        app.UseRequestTimeouts();

        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        app.MapJobs(options);
        app.MapBfl(options);
        app.MapOpenAi(options);
        app.MapUsage();
        app.MapApiReference();
        app.MapJobList();
        app.MapUploads(options);
        app.MapTimeline();
        app.MapCluster();
    }
}
