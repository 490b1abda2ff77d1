using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tenants;

namespace Kontext.Cli.Tenants;

/// <summary>The options that say what a tenant may do. What is not given stays as it is.</summary>
internal sealed class TenantArguments
{
    private const string None = "none";

    private readonly Option<string?> _name = Options.Text("--name", "TEXT", "What people call it.");
    private readonly Option<string?> _weight = Options.Text(
        "--weight",
        "X",
        "Share of the devices, relative to others'. Default: 1."
    );
    private readonly Option<string?> _rate = Options.Text("--rate", "N|none", "Requests a minute.");
    private readonly Option<string?> _waiting = Options.Text(
        "--max-waiting",
        "N|none",
        "Jobs that may wait at a time."
    );
    private readonly Option<string?> _running = Options.Text("--max-running", "N|none", "Jobs that may run at a time.");
    private readonly Option<string?> _budget = Options.Text(
        "--budget",
        "TIME|none",
        "Device time a day (UTC), such as 90s, 30m or 10h."
    );
    private readonly Option<string?> _models = Options.Text("--models", "A,B|none", "The only models it may use.");
    private readonly Option<string?> _priorities = Options.Text(
        "--priorities",
        "A,B|none",
        "The only priorities it may ask for: interactive, standard, batch."
    );
    private readonly Option<string?> _retention = Options.Text(
        "--retention",
        "DAYS|none",
        "How long its jobs and images are kept."
    );
    private readonly Option<string?> _operator = Options.Text(
        "--operator",
        "yes|no",
        "Whether it may see the cluster and the shares of others."
    );

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        foreach (
            Option option in (Option[])
                [_name, _weight, _rate, _waiting, _running, _budget, _models, _priorities, _retention, _operator]
        )
        {
            command.Add(option);
        }
    }

    /// <summary>The tenant as the options have it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>; the message names the option.</exception>
    public Tenant Apply(ParseResult parsed, Tenant tenant) =>
        tenant with
        {
            Name = parsed.GetValue(_name) ?? tenant.Name,
            Weight = Value(parsed, _weight, text => Number<double>("--weight", text, 0.001)) ?? tenant.Weight,
            RequestsPerMinute = Limit(parsed, _rate, tenant.RequestsPerMinute, text => Number("--rate", text, 1)),
            MaxWaiting = Limit(parsed, _waiting, tenant.MaxWaiting, text => Number("--max-waiting", text, 0)),
            MaxRunning = Limit(parsed, _running, tenant.MaxRunning, text => Number("--max-running", text, 1)),
            DailyBudgetMs = Limit(
                parsed,
                _budget,
                tenant.DailyBudgetMs,
                text => (long)Durations.Parse("--budget", text).TotalMilliseconds
            ),
            Models = List(parsed, _models, tenant.Models, name => name),
            Priorities = List(parsed, _priorities, tenant.Priorities, ParsePriority),
            RetentionDays = Limit(parsed, _retention, tenant.RetentionDays, text => Number("--retention", text, 1)),
            IsOperator = Value(parsed, _operator, text => YesOrNo("--operator", text)) ?? tenant.IsOperator,
        };

    private static T? Value<T>(ParseResult parsed, Option<string?> option, Func<string, T> parse)
        where T : struct => parsed.GetValue(option) is { } text ? parse(text) : null;

    private static T? Limit<T>(ParseResult parsed, Option<string?> option, T? limit, Func<string, T> parse)
        where T : struct =>
        parsed.GetValue(option) switch
        {
            null => limit,
            None => null,
            var text => parse(text),
        };

    private static IReadOnlyList<T>? List<T>(
        ParseResult parsed,
        Option<string?> option,
        IReadOnlyList<T>? list,
        Func<string, T> parse
    ) =>
        parsed.GetValue(option) switch
        {
            null => list,
            None => null,
            var text =>
            [
                .. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(parse)
                    .Distinct(),
            ],
        };

    private static T Number<T>(string option, string text, T least)
        where T : struct, INumber<T> =>
        T.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && T.IsFinite(number)
        && number >= least
            ? number
            : throw new KontextException(ErrorCode.Usage, $"{option} takes a number from {least}, not '{text}'.");

    private static bool YesOrNo(string option, string text) =>
        text switch
        {
            "yes" => true,
            "no" => false,
            _ => throw new KontextException(ErrorCode.Usage, $"{option} takes yes or no, not '{text}'."),
        };

    private static Priority ParsePriority(string name)
    {
        string[] names = [.. Enum.GetNames<Priority>().Select(known => known.ToLowerInvariant())];
        var index = Array.IndexOf(names, name);
        return index >= 0
            ? Enum.GetValues<Priority>()[index]
            : throw new KontextException(
                ErrorCode.Usage,
                $"--priorities takes {string.Join(", ", names)}, not '{name}'."
            );
    }
}
