using System.Globalization;
using Kontext.Contracts;
using Kontext.Contracts.Checkups;

namespace Kontext.Storage.Checkups;

/// <summary>Whether the clock here agrees with that of a server.</summary>
/// <param name="server">What to call the server.</param>
/// <param name="readAsync">Asks for its time.</param>
internal sealed class ClockCheckup(string server, Func<CancellationToken, Task<ClockReading>> readAsync) : ICheckup
{
    /// <summary>Machines that keep their time by NTP are within a tenth of it.</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(1);

    /// <summary>
    /// From here on jobs run out before their deadline and signed URLs are refused while they should be good; from fifteen
    /// minutes on S3 refuses every request.
    /// </summary>
    private static readonly TimeSpan Harmful = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public string Subject => "clock";

    /// <inheritdoc/>
    public string Place => $"The clock of {server}";

    /// <inheritdoc/>
    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Judge(await readAsync(cancellationToken));
        }
        catch (KontextException)
        {
            return Finding.Warning(
                $"The time of {server} is not known: it cannot be asked.",
                "See what is found of that server itself."
            );
        }
    }

    private Finding Judge(ClockReading reading)
    {
        var apart = reading.Ahead.Duration() - reading.Doubt;
        var seconds = reading.Ahead.Duration().TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        var what = $"{seconds} s {(reading.Ahead > TimeSpan.Zero ? "ahead of" : "behind")} {server}";
        return apart switch
        {
            _ when apart > Harmful => Finding.Fault(
                ErrorCode.ConfigurationInvalid,
                $"The clock here is {what}: deadlines and signed URLs run out at the wrong time.",
                Advice
            ),
            _ when apart > Tolerated => Finding.Warning($"The clock here is {what}.", Advice),
            _ => Finding.Ok($"within {Tolerated.TotalSeconds:0} s of {server}"),
        };
    }

    private const string Advice =
        "Let both machines keep their time by NTP ('timedatectl set-ntp true'); 'timedatectl' shows which one is off.";
}
