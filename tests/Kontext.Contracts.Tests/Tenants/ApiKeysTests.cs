using CsCheck;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tenants;

namespace Kontext.Contracts.Tests.Tenants;

public sealed class ApiKeysTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("acme")]
    [InlineData("a")]
    [InlineData("7-eleven-2")]
    [InlineData("0123456789012345678901234567890123456789")]
    public void A_key_names_its_tenant_and_is_found_by_its_text_alone(string tenant)
    {
        // The secret may hold underscores and dashes itself: many are made so that some do.
        for (var i = 0; i < 200; i++)
        {
            var (text, key) = ApiKeys.Create(tenant, Now);
            ApiKeys.TenantOf(text).ShouldBe(tenant);
            var other = ApiKeys.Create(tenant, Now).Key;
            ApiKeys.Find(Some(other, key), text, Now).ShouldBe(key);
            ApiKeys.Find(Some(other), text, Now).ShouldBeNull();
            ApiKeys.Find(Some(), text, Now).ShouldBeNull();
            key.Digest.ShouldMatch("^[0-9a-f]{64}$");
        }
    }

    [Fact]
    public void A_key_holds_until_it_has_run_out()
    {
        var (text, key) = ApiKeys.Create("acme", Now);
        var tenant = Some(key with { ExpiresAt = Now.AddHours(1) });
        ApiKeys.Find(tenant, text, Now.AddHours(1).AddTicks(-1)).ShouldNotBeNull();
        ApiKeys.Find(tenant, text, Now.AddHours(1)).ShouldBeNull();
    }

    [Fact]
    public void No_other_text_names_a_tenant_that_could_not_be_one() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["kxacme_-/.A0"], 0, 60])
            .Sample(
                text =>
                {
                    if (ApiKeys.TenantOf(text) is { } tenant)
                    {
                        TenantIds.IsValid(tenant).ShouldBeTrue();
                    }
                    if (ApiKeys.TenantOf($"kx_{text}_{new string('x', 43)}") is { } named)
                    {
                        TenantIds.IsValid(named).ShouldBeTrue();
                    }
                },
                iter: 20_000
            );

    [Theory]
    [InlineData("")]
    [InlineData("-acme")]
    [InlineData("Acme")]
    [InlineData("ac_me")]
    [InlineData("ac/me")]
    [InlineData("..")]
    [InlineData("ac me")]
    [InlineData("äcme")]
    [InlineData("01234567890123456789012345678901234567890")]
    public void Other_texts_are_no_ids(string id) => TenantIds.IsValid(id).ShouldBeFalse();

    [Fact]
    public void What_is_not_limited_is_allowed_and_what_is_must_be_named()
    {
        var model = new ModelRef("kontext-tiny", "sha256:0");
        Some().Allows(model).ShouldBeTrue();
        Some().Allows(Priority.Interactive).ShouldBeTrue();
        var limited = Some() with { Models = ["kontext-tiny"], Priorities = [Priority.Batch] };
        limited.Allows(model).ShouldBeTrue();
        limited.Allows(model with { Name = "Kontext-Tiny" }).ShouldBeFalse();
        limited.Allows(Priority.Batch).ShouldBeTrue();
        limited.Allows(Priority.Interactive).ShouldBeFalse();
        (Some() with { Models = [] }).Allows(model).ShouldBeFalse();
    }

    private static Tenant Some(params ApiKey[] keys) =>
        new()
        {
            Id = "acme",
            Name = "Acme",
            WebhookSecret = "",
            CreatedAt = Now,
            Keys = keys,
        };
}
