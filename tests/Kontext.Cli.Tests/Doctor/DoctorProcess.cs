using System.Diagnostics;
using System.Text.Json;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Doctor;

/// <summary>What <c>kontext doctor --json</c> found, in a process of its own.</summary>
internal sealed record DoctorProcess(int ExitCode, JsonElement Report, string Error)
{
    /// <summary>The checks' findings.</summary>
    public IReadOnlyList<JsonElement> Checks => [.. Report.GetProperty("checks").EnumerateArray()];

    /// <summary>Runs it.</summary>
    /// <param name="configuration">Its environment, besides what every process has.</param>
    /// <param name="arguments">What follows <c>kontext doctor --json</c>.</param>
    /// <param name="before">A program that runs it, with arguments.</param>
    public static async Task<DoctorProcess> RunAsync(
        IReadOnlyDictionary<string, string> configuration,
        IReadOnlyList<string> arguments,
        params IReadOnlyList<string> before
    )
    {
        string[] line = [.. before, KontextServer.Executable, "doctor", "--json", .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in configuration)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        var token = TestContext.Current.CancellationToken;
        var error = process.StandardError.ReadToEndAsync(token);
        var output = await process.StandardOutput.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        output.ShouldNotBeEmpty(await error);
        return new(process.ExitCode, JsonSerializer.Deserialize<JsonElement>(output), await error);
    }

    /// <summary>Expects that one thing is wrong and nothing else, and that it is said what and what to do.</summary>
    public void ShouldFind(string subject, string code, string what, string advice)
    {
        var faults = Checks.Where(check => Text(check, "level") == "fault").ToArray();
        var fault = faults.ShouldHaveSingleItem(string.Join('\n', faults));
        Text(fault, "subject").ShouldBe(subject);
        Text(fault, "code").ShouldBe(code);
        Text(fault, "what").ShouldContain(what);
        Text(fault, "advice").ShouldContain(advice);
        Report.GetProperty("faults").GetInt32().ShouldBe(1);
        ExitCode.ShouldBe(code.ToErrorCode().ExitCode);
        Error.ShouldBeEmpty();
    }

    /// <summary>A field of a check, or nothing.</summary>
    public static string Text(JsonElement check, string field) =>
        check.TryGetProperty(field, out var value) ? value.ToString() : "";
}
