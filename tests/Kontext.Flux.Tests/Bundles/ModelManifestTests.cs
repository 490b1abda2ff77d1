using System.Text;
using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class ModelManifestTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        var read = Parse(model.Bundle.Manifest.ToJson());
        read.Digest.ShouldBe(model.Bundle.Manifest.Digest);
        read.ToJson().ShouldBe(model.Bundle.Manifest.ToJson());
    }

    [Theory]
    [InlineData("\"format\": 1,", "\"format\": 2,", "has format 2")]
    [InlineData("\"guidance\": ", "\"guidance\": 4", "describes no model")]
    [InlineData("\"name\": ", "\"nome\": ", "cannot be read")]
    [InlineData("}", "", "cannot be read")]
    public void What_is_no_manifest_is_refused_by_its_name(string from, string to, string reason)
    {
        var json = model.Bundle.Manifest.ToJson();
        json.ShouldContain(from);
        var refusal = Should.Throw<KontextException>(() => Parse(json.Replace(from, to, StringComparison.Ordinal)));
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldStartWith("'models/x.json' ");
        refusal.Message.ShouldContain(reason);
    }

    private static ModelManifest Parse(string json) =>
        ModelManifest.Parse(Encoding.UTF8.GetBytes(json), "models/x.json");
}
