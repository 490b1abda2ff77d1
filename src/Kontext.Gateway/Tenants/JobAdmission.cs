using System.Globalization;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tenants;
using Kontext.Storage.Jobs;
using Kontext.Storage.Tenants;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Tenants;

/// <summary>Whether a tenant may have a job: what it may ask for, and how much of it.</summary>
internal sealed class JobAdmission(TenantDirectory tenants, JobRecords records, IOptions<GatewayOptions> options)
{
    /// <summary>Checks what the tenant may ask for.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Forbidden"/>; the message says what is allowed.</exception>
    public async Task CheckAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        var tenant = await PolicyAsync(spec.Tenant, cancellationToken);
        if (!tenant.Allows(spec.Model))
        {
            throw Forbidden($"the model '{spec.Model.Name}'", tenant.Models!);
        }
        if (!tenant.Allows(spec.Priority))
        {
            throw Forbidden($"the priority '{Name(spec.Priority)}'", tenant.Priorities!.Select(Name));
        }
    }

    /// <summary>Counts a job in, and holds its device time, unless a limit of the cluster or the tenant is reached.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.TooManyJobs"/>, <see cref="ErrorCode.BudgetExceeded"/>.</exception>
    public async Task ReserveAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        var tenant = await PolicyAsync(spec.Tenant, cancellationToken);
        var open = options.Value.MaxOpenJobs;
        var predicted = spec.PredictedMs ?? 0;
        var result = await records.ReserveAsync(
            new(spec.Id, spec.Tenant, open, tenant.MaxWaiting, tenant.DailyBudgetMs, predicted),
            cancellationToken
        );
        KontextException? refusal = result switch
        {
            ReserveResult.Counted => null,
            ReserveResult.ClusterFull => new KontextException(
                ErrorCode.TooManyJobs,
                $"{open} jobs are open, as many as are taken."
            ),
            ReserveResult.TenantFull => new KontextException(
                ErrorCode.TooManyJobs,
                $"{tenant.MaxWaiting} jobs of the tenant wait, as many as may."
            ),
            _ => new KontextException(
                ErrorCode.BudgetExceeded,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The job would take about {predicted} ms of device time, more than is left of {tenant.DailyBudgetMs} ms a day."
                )
            ),
        };
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    private async Task<Tenant> PolicyAsync(string id, CancellationToken cancellationToken) =>
        await tenants.FindAsync(id, cancellationToken) ?? RequestTenant.Open;

    private static string Name(Priority priority) => priority.ToString().ToLowerInvariant();

    private static KontextException Forbidden(string what, IEnumerable<string> allowed) =>
        new(ErrorCode.Forbidden, $"The tenant may not use {what}. Allowed: {string.Join(", ", allowed)}.");
}
