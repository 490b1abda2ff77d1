using System.Globalization;
using System.Security.Cryptography;
using Kontext.Gateway.Jobs;

namespace Kontext.Gateway.Uploads;

/// <summary>
/// Ids of uploads: 32 hexadecimal digits, of which the first eight are the last day that it is kept (<c>yyyyMMdd</c>) and the
/// others 96 random bits. So what is over is known by its name.
/// </summary>
internal static class UploadIds
{
    private const string DayFormat = "yyyyMMdd";
    private const int RandomBytes = 12;

    /// <summary>An id that nobody can guess.</summary>
    public static string New(DateOnly lastDay) =>
        lastDay.ToString(DayFormat, CultureInfo.InvariantCulture)
        + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>The last day that an upload is kept, or null where the text is no id.</summary>
    public static DateOnly? LastDay(string id) =>
        JobIds.IsValid(id)
        && DateOnly.TryParseExact(
            id.AsSpan(0, DayFormat.Length),
            DayFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var day
        )
            ? day
            : null;
}
