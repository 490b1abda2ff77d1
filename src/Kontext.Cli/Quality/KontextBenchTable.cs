namespace Kontext.Cli.Quality;

/// <summary>A report for people to read.</summary>
internal static class KontextBenchTable
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, KontextBenchReport report)
    {
        var settings = report.Settings;
        output.WriteLine(
            $"{settings.Model}: {settings.Steps} steps, guidance {settings.Guidance}, seed {settings.Seed}, "
                + $"{settings.Device} {settings.Precision}".TrimEnd()
        );
        output.WriteLine($"{report.Made} pairs made, {report.Found} found, in {report.Output}\n");
        output.WriteLine(
            $"{"", -28} {"", 5}  {"median ms", 27}  {"whole picture", 14}  {"", 6}  {"outside the edit", 16}"
        );
        output.WriteLine($"{"", -28} pairs    encode  denoise   decode   PSNR dB   SSIM  edited  delta E   edges");
        foreach (var (name, row) in report.Categories)
        {
            var (times, metrics) = (row.TimingsMs, row.Metrics);
            output.WriteLine(
                $"{name, -28} {row.Count, 5}  {times.Encode, 8:0.0} {times.Denoise, 8:0.0} {times.Decode, 8:0.0}  "
                    + $"{metrics.Psnr, 8:0.00} {metrics.Ssim, 6:0.000}  {metrics.EditedShare, 6:0.000}  "
                    + $"{metrics.DeltaEOutside, 7:0.00} {metrics.StructureOutside, 7:0.000}"
            );
        }
        if (report.Categories[KontextBenchReport.All].Turns is { Count: > 0 } turns)
        {
            output.WriteLine("\nlater turns beside the first:   through pixels   through latents");
            foreach (var turn in turns)
            {
                output.WriteLine(
                    $"  turn {turn.Turn, -2} {turn.Pixels.Psnr, 24:0.00} dB, {turn.Pixels.Ssim:0.000}"
                        + $" {turn.Latents.Psnr, 7:0.00} dB, {turn.Latents.Ssim:0.000}"
                );
            }
        }
    }
}
