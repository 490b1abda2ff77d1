namespace Kontext.Storage;

/// <summary>
/// Names that one tenant cannot guess of another: HMAC-SHA256 with a secret of the tenant, which is itself an HMAC of the
/// tenant's name with the cluster's secret.
/// </summary>
public sealed class TenantKeys
{
    /// <summary>Keys under the cluster's secret.</summary>
    /// <param name="secret">At least 16 bytes, the same for every process of the cluster.</param>
    public TenantKeys(ReadOnlySpan<byte> secret) => throw new NotSupportedException();

    /// <summary>A key for content of one kind: 64 hexadecimal digits.</summary>
    /// <param name="tenant">Whose content.</param>
    /// <param name="kind">What it is, for example <c>conditioning</c>.</param>
    /// <param name="parts">Everything that can change the value. Parts are length-prefixed: they cannot run into each other.</param>
    public string Key(string tenant, string kind, params ReadOnlySpan<string> parts) =>
        throw new NotSupportedException();
}
