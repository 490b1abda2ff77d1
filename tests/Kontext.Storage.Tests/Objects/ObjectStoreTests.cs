using System.Text;
using Kontext.Storage.Objects;

namespace Kontext.Storage.Tests.Objects;

/// <summary>What every object store does.</summary>
public abstract class ObjectStoreTests
{
    private readonly string _job = Guid.NewGuid().ToString("n");

    private protected abstract IObjectStore Store { get; }

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_comes_back_as_it_was_put()
    {
        var name = ObjectNames.Pending(_job);
        await PutAsync(name, "{}");
        (await ReadAsync(name)).ShouldBe("{}");
        (await Store.ExistsAsync(name, Token)).ShouldBeTrue();
        await PutAsync(name, "{\"v\":2}");
        (await ReadAsync(name)).ShouldBe("{\"v\":2}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(12_000_000)]
    public async Task An_object_of_any_size_comes_back(int bytes)
    {
        var name = ObjectNames.Image(_job, 0, bytes, "png");
        var content = new byte[bytes];
        new Random(1).NextBytes(content);
        await Store.PutAsync(name, content, "image/png", Token);
        (await Store.ReadAsync(name, Token))!.AsSpan().SequenceEqual(content).ShouldBeTrue();
        using var copy = new MemoryStream();
        (await Store.CopyToAsync(name, copy, Token)).ShouldBe(copy.Length);
        copy.ToArray().AsSpan().SequenceEqual(content).ShouldBeTrue();
    }

    [Fact]
    public async Task It_is_known_when_an_object_was_put()
    {
        // HTTP's dates are of whole seconds, and the server has a clock of its own.
        var tolerance = TimeSpan.FromSeconds(10);
        var name = ObjectNames.Model(_job);
        (await Store.StoredAtAsync(name, Token)).ShouldBeNull();
        await PutAsync(name, "{}");
        var stored = (await Store.StoredAtAsync(name, Token)).ShouldNotBeNull();
        (stored - DateTimeOffset.UtcNow).Duration().ShouldBeLessThan(tolerance);
    }

    [Fact]
    public async Task A_slice_of_an_array_is_put_as_such()
    {
        var name = ObjectNames.Input(_job, 0);
        await Store.PutAsync(name, "-middle-"u8.ToArray().AsMemory(1, 6), "text/plain", Token);
        (await ReadAsync(name)).ShouldBe("middle");
    }

    [Fact]
    public async Task What_is_not_there_is_no_error()
    {
        var name = ObjectNames.Job(_job);
        (await Store.ReadAsync(name, Token)).ShouldBeNull();
        (await Store.ExistsAsync(name, Token)).ShouldBeFalse();
        using var copy = new MemoryStream();
        (await Store.CopyToAsync(name, copy, Token)).ShouldBeNull();
        copy.Length.ShouldBe(0);
        await Store.DeleteAsync(name, Token);
        (await ListAsync(ObjectNames.Outputs(_job))).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_can_be_put_again()
    {
        var name = ObjectNames.Latents(_job, 0, 1);
        await PutAsync(name, "one");
        await Store.DeleteAsync(name, Token);
        (await Store.ExistsAsync(name, Token)).ShouldBeFalse();
        await PutAsync(name, "two");
        (await ReadAsync(name)).ShouldBe("two");
    }

    [Fact]
    public async Task Names_are_listed_by_prefix_over_many_pages()
    {
        // More than a page of S3 has.
        var names = Enumerable.Range(0, 1100).Select(i => ObjectNames.Image(_job, i, 7, "png")).ToArray();
        await Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token },
            async (name, token) => await Store.PutAsync(name, "x"u8.ToArray(), "image/png", token)
        );
        (await ListAsync(ObjectNames.Outputs(_job))).ShouldBe(names, ignoreOrder: true);
        (await ListAsync($"{ObjectNames.Outputs(_job)}109")).Count.ShouldBe(11);
        (await ListAsync(ObjectNames.Outputs(_job)[..^1])).Count.ShouldBe(1100);
        (await ListAsync($"{ObjectNames.Outputs(_job)}109/")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Puts_and_deletes_of_neighbours_do_not_meet()
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 8),
            Token,
            async (i, token) =>
            {
                var name = ObjectNames.Image(_job, i, 1, "png");
                for (var round = 0; round < 25; round++)
                {
                    await Store.PutAsync(name, new byte[] { (byte)round }, "image/png", token);
                    (await Store.ReadAsync(name, token)).ShouldBe([(byte)round]);
                    await Store.DeleteAsync(name, token);
                }
            }
        );
        (await ListAsync(ObjectNames.Outputs(_job))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../secret")]
    [InlineData("inputs/../../secret")]
    [InlineData("inputs/..")]
    [InlineData("inputs//x")]
    [InlineData("inputs/")]
    [InlineData(".drafts/x")]
    [InlineData("inputs/.hidden")]
    [InlineData("inputs\\x")]
    [InlineData("inputs/x\n")]
    [InlineData("inputs/x\0")]
    [InlineData("inputs/ü")]
    [InlineData("inputs/%2e%2e/x")]
    public async Task A_name_that_could_lead_elsewhere_is_refused(string name)
    {
        await Should.ThrowAsync<ArgumentException>(async () => await PutAsync(name, "x"));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.ReadAsync(name, Token));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.CopyToAsync(name, Stream.Null, Token));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.ExistsAsync(name, Token));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.DeleteAsync(name, Token));
    }

    private protected Task PutAsync(string name, string content) =>
        Store.PutAsync(name, Encoding.UTF8.GetBytes(content), "application/json", Token);

    private protected async Task<string?> ReadAsync(string name) =>
        await Store.ReadAsync(name, Token) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private protected async Task<List<string>> ListAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var name in Store.ListAsync(prefix, Token))
        {
            names.Add(name);
        }
        return names;
    }
}
