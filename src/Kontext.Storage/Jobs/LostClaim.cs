using Kontext.Contracts.Tasks;

namespace Kontext.Storage.Jobs;

/// <summary>A claim that was taken over because its holder was not heard of any more.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Worker">Who held it.</param>
public sealed record LostClaim(long Number, string Worker)
{
    /// <summary>When it was made, see <see cref="Claim.MadeAt"/>.</summary>
    public DateTimeOffset MadeAt => DateTimeOffset.UnixEpoch.AddMicroseconds(Number);
}
