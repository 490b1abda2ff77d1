using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Bundles;

public sealed class SamplingSettingsTests
{
    [Fact]
    public void Settings_are_written_as_people_read_them_and_read_again()
    {
        var json = Json();
        json["noise"]!.GetValue<string>().ShouldBe("bfloat16");
        json["default_size"]!.GetValue<string>().ShouldBe("1024x1024");
        json["preferred_sizes"]!.AsArray().Count.ShouldBe(17);
        JsonSerializer
            .SerializeToNode(Read(json), BundleJson.Default.SamplingSettings)!
            .ToJsonString()
            .ShouldBe(json.ToJsonString());
        Read(json).PreferredSizes.ShouldBe(ImageSizes.KontextPreferred);
    }

    [Fact]
    public void No_shift_is_said_and_not_left_out()
    {
        var evenly = SamplingSettings.FluxKontext with { Shift = null };
        var json = JsonSerializer.SerializeToNode(evenly, BundleJson.Default.SamplingSettings)!.AsObject();
        json.ContainsKey("shift").ShouldBeTrue();
        Read(json).Shift.ShouldBeNull();
    }

    [Fact]
    public void Every_setting_is_needed()
    {
        foreach (var name in Json().Select(setting => setting.Key).ToArray())
        {
            var json = Json();
            json.Remove(name);
            Refusal(json).ShouldContain(name);
        }
    }

    [Theory]
    [InlineData("stepz", "1")]
    [InlineData("Steps", "1")]
    [InlineData("steps", "1.5")]
    [InlineData("steps", "null")]
    [InlineData("steps", "99999999999")]
    [InlineData("guidance", "\"2.5\"")]
    [InlineData("noise", "1")]
    [InlineData("noise", "\"half\"")]
    [InlineData("default_size", "1024")]
    [InlineData("default_size", "\"1024\"")]
    [InlineData("default_size", "null")]
    [InlineData("preferred_sizes", "null")]
    [InlineData("preferred_sizes", "[null]")]
    [InlineData("limits", "{\"min_pixels\": 1}")]
    [InlineData("limits", "null")]
    [InlineData("shift", "{\"base_shift\": 1, \"slope\": 2}")]
    public void Settings_that_are_not_understood_are_refused(string name, string value)
    {
        var json = Json();
        json[name] = JsonNode.Parse(value);
        Refusal(json);
    }

    [Theory]
    // No context could be brought to a size; sizes the transformer has no tokens for, or that limits then refuse.
    [InlineData("preferred_sizes", "[]", "no preferred size")]
    [InlineData("preferred_sizes", "[\"1000x1000\"]", "1000x1000")]
    [InlineData("preferred_sizes", "[\"64x64\"]", "64x64")]
    [InlineData("default_size", "\"1024x1025\"", "1024x1025")]
    [InlineData("limits", "{\"min_pixels\": 9, \"max_pixels\": 8}", "672x1568")]
    // The line through two points needs two of them.
    [InlineData("shift", "{\"base_tokens\": 4096}", "shift")]
    public void Settings_that_no_picture_could_be_made_with_are_refused(string name, string value, string reason)
    {
        var json = Json();
        json[name] = JsonNode.Parse(value);
        Refusal(json).ShouldContain(reason);
    }

    [Fact]
    public void The_published_settings_allow_every_size_they_name()
    {
        var settings = SamplingSettings.FluxKontext;
        settings.PreferredSizes.Append(settings.DefaultSize).ShouldAllBe(size => settings.Limits.Allows(size));
        settings.DefaultSize.ShouldBe(new ImageSize(1024, 1024));
    }

    private static JsonObject Json() =>
        JsonSerializer.SerializeToNode(SamplingSettings.FluxKontext, BundleJson.Default.SamplingSettings)!.AsObject();

    private static SamplingSettings Read(JsonObject json) => json.Deserialize(BundleJson.Default.SamplingSettings)!;

    private static string Refusal(JsonObject json) => Should.Throw<JsonException>(() => Read(json)).Message;
}
