using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tenants;
using Kontext.Storage.Objects;
using Kontext.Storage.Tenants;

namespace Kontext.Storage.Tests.Tenants;

public sealed class TenantDirectoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-tenants-").FullName;
    private readonly ManualClock _clock = new();
    private readonly FolderObjectStore _objects;
    private readonly TenantStore _store;
    private readonly TenantDirectory _directory;

    public TenantDirectoryTests()
    {
        _objects = new(_folder);
        _store = new(_objects);
        _directory = new(_store, _clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _directory.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_tenant_is_there_once_and_comes_back_as_it_was_stored()
    {
        var tenant = Some("acme") with { MaxRunning = 3, Models = ["a"] };
        await _store.CreateAsync(tenant, Token);
        (await _store.FindAsync("acme", Token)).ShouldNotBeNull().MaxRunning.ShouldBe(3);
        (await Should.ThrowAsync<KontextException>(() => _store.CreateAsync(tenant, Token))).Code.ShouldBe(
            ErrorCode.TenantExists
        );
        await _store.SaveAsync(tenant with { MaxRunning = null }, Token);
        (await _store.FindAsync("acme", Token)).ShouldNotBeNull().MaxRunning.ShouldBeNull();
        (await _store.ListAsync(Token)).ShouldBe(["acme"]);
        (await _store.FindAsync("../acme", Token)).ShouldBeNull();
        (await _store.FindAsync("none", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task What_an_operator_changes_counts_a_few_seconds_later()
    {
        (await _directory.AnyAsync(Token)).ShouldBeFalse();
        await _store.CreateAsync(Some("acme"), Token);
        _clock.Pass(TenantDirectory.Kept);
        (await _directory.AnyAsync(Token)).ShouldBeTrue();
        (await _directory.FindAsync("acme", Token)).ShouldNotBeNull().IsDisabled.ShouldBeFalse();
        await _store.SaveAsync(Some("acme") with { IsDisabled = true }, Token);
        (await _directory.FindAsync("acme", Token)).ShouldNotBeNull().IsDisabled.ShouldBeFalse();
        _clock.Pass(TenantDirectory.Kept);
        (await _directory.FindAsync("acme", Token)).ShouldNotBeNull().IsDisabled.ShouldBeTrue();
        (await _directory.FindAsync("other", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task What_cannot_be_read_again_goes_on_and_what_never_was_is_told()
    {
        await _store.CreateAsync(Some("acme"), Token);
        await _store.CreateAsync(Some("damaged"), Token);
        await _objects.PutAsync(ObjectNames.Tenant("damaged"), "{}"u8.ToArray(), "application/json", Token);
        (await _directory.FindAsync("acme", Token)).ShouldNotBeNull();
        var error = await Should.ThrowAsync<KontextException>(async () => await _directory.FindAsync("damaged", Token));
        error.Code.ShouldBe(ErrorCode.ConfigurationInvalid);
        error.Message.ShouldContain("tenants/damaged.json");
        await _objects.PutAsync(ObjectNames.Tenant("acme"), "nonsense"u8.ToArray(), "application/json", Token);
        _clock.Pass(TenantDirectory.Kept);
        (await _directory.FindAsync("acme", Token)).ShouldNotBeNull();
    }

    private static Tenant Some(string id) =>
        new()
        {
            Id = id,
            Name = id,
            WebhookSecret = WebhookSecret.Create(),
            CreatedAt = DateTimeOffset.UnixEpoch,
            Keys = [ApiKeys.Create(id, DateTimeOffset.UnixEpoch).Key],
        };
}
