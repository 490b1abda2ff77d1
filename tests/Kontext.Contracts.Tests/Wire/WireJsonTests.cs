using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;

namespace Kontext.Contracts.Tests.Wire;

/// <summary>What travels and is stored keeps its form: programs of different versions run side by side.</summary>
public sealed class WireJsonTests
{
    public static TheoryData<string> Names => [.. WireSample.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_golden_file_is_what_is_written(string name)
    {
        var sample = Sample(name);
        WireSample.Write(sample.Value).ShouldBe(sample.Golden);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_golden_file_reads_back(string name) => ReadsAs(Sample(name), _ => { });

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_of_tomorrow_are_passed_over(string name) =>
        ReadsAs(
            Sample(name),
            json =>
            {
                foreach (var parent in Fields(Sample(name)).Select(field => field.Parent(json)).Distinct().ToArray())
                {
                    parent["of_tomorrow"] = new JsonObject { ["kind"] = 1, ["list"] = new JsonArray(null, "x") };
                }
            }
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void The_order_of_fields_does_not_matter(string name) =>
        ReadsAs(
            Sample(name),
            json =>
            {
                foreach (var parent in Fields(Sample(name)).Select(field => field.Parent(json)).Distinct().ToArray())
                {
                    var fields = parent.Reverse().ToArray();
                    parent.Clear();
                    Array.ForEach(fields, field => parent.Add(field.Key, field.Value));
                }
            }
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_required_has_to_be_there(string name)
    {
        var sample = Sample(name);
        foreach (var field in Fields(sample))
        {
            Try(sample, field, parent => parent.Remove(field.Name), field.IsOptional);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Null_is_refused_where_it_has_no_meaning(string name)
    {
        var sample = Sample(name);
        foreach (var field in Fields(sample))
        {
            Try(sample, field, parent => parent[field.Name] = null, field.MayBeNull);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_of_another_kind_are_refused(string name)
    {
        var sample = Sample(name);
        foreach (var field in Fields(sample))
        {
            Try(sample, field, parent => parent[field.Name] = new JsonArray(new JsonArray()), fine: false);
            if (field.Type.IsEnum || field.Type == typeof(TaskId) || field.Property is null)
            {
                Try(sample, field, parent => parent[field.Name] = "nonsense", fine: false);
                Try(sample, field, parent => parent[field.Name] = "0", fine: false);
                Try(sample, field, parent => parent[field.Name] = 0, fine: false);
            }
        }
    }

    [Theory]
    [InlineData("encode")]
    [InlineData("encode.")]
    [InlineData(".0")]
    [InlineData("")]
    [InlineData("0.0")]
    [InlineData("Encode.0")]
    [InlineData("denoise.03")]
    [InlineData("denoise.-1")]
    [InlineData("denoise.+1")]
    [InlineData("denoise. 1")]
    [InlineData(" denoise.1")]
    [InlineData("denoise.1.")]
    [InlineData("denoise.99999999999")]
    [InlineData("encode,denoise.0")]
    public void A_task_has_one_text(string text)
    {
        var sample = Sample("job_progress");
        var json = JsonNode.Parse(sample.Golden)!;
        json["task"] = text;
        Should.Throw<JsonException>(() => sample.Read(json));
    }

    /// <summary>
    /// So a field that a release adds has to mean by that what there was before it: an initializer does not count, for the
    /// generated code gives every property that is set once a value.
    /// </summary>
    [Fact]
    public void A_field_that_an_older_program_leaves_out_is_null_or_zero_or_false()
    {
        var json = JsonNode.Parse(Sample("worker_profile").Golden)!.AsObject();
        json.Remove("accepting");
        json.Remove("running");
        json.Remove("v");
        var profile = Sample("worker_profile").Read(json).ShouldBeOfType<WorkerProfile>();
        (profile.Accepting, profile.Running, profile.V).ShouldBe((false, null, 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_later_version_is_refused_and_an_earlier_one_is_not(string name)
    {
        var sample = Sample(name);
        // The board says how a leader is that may be of another release: who reads it looks itself, and shows none.
        if (name == "cluster_board" || JsonNode.Parse(sample.Golden)!["v"] is null)
        {
            return;
        }
        Should
            .Throw<JsonException>(() => sample.Read(OfVersion(WireJson.Version + 1)))
            .Message.ShouldContain("version");
        sample.Read(OfVersion(WireJson.Version - 1)).ShouldNotBeNull();

        JsonNode OfVersion(int version)
        {
            var json = JsonNode.Parse(sample.Golden)!;
            json["v"] = version;
            return json;
        }
    }

    [Fact]
    public void What_may_be_null_reads_back_as_it_is_written()
    {
        foreach (var sample in WireSample.All)
        {
            var json = JsonNode.Parse(sample.Golden)!;
            // What lies deeper goes first, as long as there is a way to it.
            foreach (var field in Fields(sample).Where(field => field.MayBeNull).Reverse())
            {
                var parent = field.Parent(json);
                parent.Remove(field.Name);
                if (!field.IsOptional)
                {
                    parent[field.Name] = null;
                }
            }
            var bare = sample.Read(json).ShouldNotBeNull($"{sample}");
            JsonNode.DeepEquals(JsonNode.Parse(WireSample.Write(bare)), json).ShouldBeTrue($"{sample}");
        }
    }

    [Fact]
    public void Golden_files_show_every_field_of_every_type_and_no_other()
    {
        var shown = WireSample
            .All.SelectMany(Fields)
            .Where(field => field.Property is not null)
            .Select(field => $"{field.Owner.Name}.{field.Property!.Name}")
            .ToHashSet();
        shown.ShouldBe(
            WireSample
                .All.SelectMany(Fields)
                .Select(field => field.Owner)
                .Distinct()
                .SelectMany(type => WireField.Written(type).Select(property => $"{type.Name}.{property.Name}")),
            ignoreOrder: true
        );
        foreach (var sample in WireSample.All)
        {
            var json = JsonNode.Parse(sample.Golden)!;
            foreach (var fields in Fields(sample).GroupBy(field => field.Parent(json)))
            {
                fields.Key.Select(field => field.Key).ShouldBe(fields.Select(field => field.Name), ignoreOrder: true);
            }
        }
    }

    [Fact]
    public void Every_type_on_the_wire_has_a_golden_file() =>
        typeof(WireJson)
            .GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType.Name == "JsonSerializableAttribute")
            .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!)
            .Except(WireSample.All.Select(sample => sample.Type))
            .ShouldBeEmpty();

    private static WireSample Sample(string name) => WireSample.All.Single(sample => sample.Name == name);

    private static IEnumerable<WireField> Fields(WireSample sample) =>
        WireField.Of(JsonNode.Parse(sample.Golden), sample.Type);

    /// <summary>Lists within records are compared by what is written of them.</summary>
    private static void ReadsAs(WireSample sample, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(sample.Golden)!;
        change(json);
        WireSample.Write(sample.Read(json).ShouldNotBeNull()).ShouldBe(sample.Golden);
    }

    private static void Try(WireSample sample, WireField field, Action<JsonObject> change, bool fine)
    {
        var json = JsonNode.Parse(sample.Golden)!;
        change(field.Parent(json));
        if (fine)
        {
            sample.Read(json).ShouldNotBeNull($"{field}");
        }
        else
        {
            var error = Should.Throw<Exception>(() => sample.Read(json), $"{field}");
            var expected =
                field.Property is null && !field.Parent(json).ContainsKey(field.Name)
                    ? typeof(NotSupportedException)
                    : typeof(JsonException);
            error.ShouldBeOfType(expected, $"{field}");
        }
    }
}
