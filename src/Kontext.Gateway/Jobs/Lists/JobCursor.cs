using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Kontext.Contracts;
using Kontext.Storage.Jobs;

namespace Kontext.Gateway.Jobs.Lists;

/// <summary>Where a list goes on, as text that clients give back as it is: <c>{milliseconds}:{id}</c> in base64url.</summary>
internal static class JobCursor
{
    private const int Longest = 128;

    public static string Of(JobPlace place) =>
        Base64Url.EncodeToString(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.AcceptedMs}:{place.Id}"))
        );

    /// <summary>The place that a cursor stands for.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>.</exception>
    public static JobPlace Parse(string text)
    {
        if (text.Length <= Longest && Base64Url.IsValid(text))
        {
            var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split(':');
            if (
                parts is [var time, var id]
                && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
                && JobIds.IsValid(id)
            )
            {
                return new(ms, id);
            }
        }
        throw new KontextException(ErrorCode.RequestInvalid, "'cursor' is not one that a list has given.");
    }
}
