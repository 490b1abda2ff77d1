using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Sessions;

public sealed class DeviceDescriptionTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    private readonly DeviceDescription _processor = DeviceDescription.Of(new());

    [Fact]
    public void A_processor_is_named_with_its_precision() => _processor.Kind.ShouldBe("cpu fp32");

    [Fact]
    public void A_processor_is_told_from_others() => _processor.Architecture.Split(' ').Length.ShouldBeGreaterThan(2);

    [Fact]
    public void A_numeric_class_depends_on_everything_that_can_change_a_bit()
    {
        var manifest = reference.Bundle.Manifest;
        string[] classes =
        [
            _processor.NumericClass(manifest),
            _processor.NumericClass(manifest with { Digest = "sha256:another" }),
            (_processor with { Options = new() { Precision = Precision.Float16 } }).NumericClass(manifest),
            (
                _processor with
                {
                    Options = new() { Kind = DeviceKind.Cuda, Precision = Precision.Float32 },
                }
            ).NumericClass(manifest),
            (_processor with { Architecture = "another" }).NumericClass(manifest),
        ];
        classes.Distinct().Count().ShouldBe(classes.Length);
        DeviceDescription.Of(new()).NumericClass(manifest).ShouldBe(classes[0]);
    }
}
