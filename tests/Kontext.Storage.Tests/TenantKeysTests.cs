using System.Security.Cryptography;
using System.Text;

namespace Kontext.Storage.Tests;

public sealed class TenantKeysTests
{
    private readonly TenantKeys _keys = new("0123456789abcdef"u8);

    [Fact]
    public void A_key_is_64_small_hexadecimal_digits_and_always_the_same()
    {
        var key = _keys.Key("acme", "conditioning", "sha256:1", "a red fox");
        key.ShouldMatch("^[0-9a-f]{64}$");
        new TenantKeys("0123456789abcdef"u8).Key("acme", "conditioning", "sha256:1", "a red fox").ShouldBe(key);
    }

    /// <summary>The construction written down once more, so that keys stay what they are from version to version.</summary>
    [Fact]
    public void It_is_an_hmac_with_a_secret_of_the_tenant_over_parts_with_their_lengths()
    {
        var ofTenant = HMACSHA256.HashData("0123456789abcdef"u8, "acme"u8);
        byte[] content = [4, 0, 0, 0, .. "kind"u8, 2, 0, 0, 0, .. "é"u8, 0, 0, 0, 0];
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(ofTenant, content));
        _keys.Key("acme", "kind", "é", "").ShouldBe(expected);
    }

    [Fact]
    public void Tenant_kind_each_part_and_secret_make_another_key()
    {
        string[] keys =
        [
            _keys.Key("acme", "kind", "a", "b"),
            _keys.Key("acme2", "kind", "a", "b"),
            _keys.Key("acme", "kind2", "a", "b"),
            _keys.Key("acme", "kind", "a", "c"),
            _keys.Key("acme", "kind", "b", "a"),
            _keys.Key("acme", "kind", "ab"),
            _keys.Key("acme", "kind", "ab", ""),
            _keys.Key("acme", "kind", "", "ab"),
            _keys.Key("acme", "kinda", "b"),
            new TenantKeys("another secret of the cluster"u8).Key("acme", "kind", "a", "b"),
        ];
        keys.ShouldBeUnique();
    }

    [Fact]
    public void Different_parts_never_run_into_each_other() =>
        Gen.Select(Parts, Parts)
            .Where((a, b) => !a.SequenceEqual(b))
            .Sample(
                (a, b) => _keys.Key("acme", "kind", a).ShouldNotBe(_keys.Key("acme", "kind", b)),
                iter: Profile.Iterations(500)
            );

    [Fact]
    public void A_secret_that_could_be_guessed_is_refused() =>
        Should.Throw<ArgumentException>(() => new TenantKeys(Encoding.UTF8.GetBytes("0123456789abcde")));

    private static Gen<string[]> Parts => Gen.String[Gen.Char["ab\0"], 0, 3].Array[0, 3];
}
