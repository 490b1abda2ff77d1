using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Sessions;

public sealed class DeviceTests(ReferenceBundle reference) : IClassFixture<ReferenceBundle>
{
    [Theory]
    [InlineData(DeviceKind.Cuda)]
    [InlineData(DeviceKind.TensorRt)]
    public void A_device_that_is_not_there_is_named(DeviceKind kind)
    {
        var device = new Device(new() { Kind = kind, DeviceId = 999 });
        var refusal = Should.Throw<KontextException>(() => device.CreateSessionOptions());
        refusal.Code.ShouldBe(ErrorCode.DeviceUnavailable);
        refusal.Message.ShouldStartWith($"{kind} device 999 cannot be used: ");
        refusal.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void A_cuda_library_that_cannot_be_loaded_is_named()
    {
        var device = new Device(new() { Kind = DeviceKind.Cuda, CudaLibrary = "/missing/libcuda-provider.so" });
        var refusal = Should.Throw<KontextException>(() => device.CreateSessionOptions());
        refusal.Code.ShouldBe(ErrorCode.DeviceUnavailable);
        refusal.Message.ShouldContain("/missing/libcuda-provider.so");
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, null, Precision.Float32)]
    [InlineData(DeviceKind.Cuda, null, Precision.BFloat16)]
    [InlineData(DeviceKind.TensorRt, null, Precision.BFloat16)]
    [InlineData(DeviceKind.Cpu, Precision.Float16, Precision.Float16)]
    [InlineData(DeviceKind.Cuda, Precision.Float32, Precision.Float32)]
    public void A_device_computes_in_its_own_precision_unless_told(DeviceKind kind, Precision? asked, Precision used) =>
        new DeviceOptions { Kind = kind, Precision = asked }.EffectivePrecision.ShouldBe(used);

    [Fact]
    public void A_failure_while_running_is_explained_and_the_session_goes_on()
    {
        using var session = new T5Session(reference.Bundle, new Device(SmallModel.Device));
        var before = session.Run([1, 2, 3], batch: 1).ToArray();
        // The vocabulary has 200 rows; callers check, the graph is the last to notice.
        var refusal = Should.Throw<KontextException>(() => session.Run([1, 2, 200], batch: 1).ToArray());
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldStartWith("The graph 't5.fp32' cannot run: ");
        session.Run([1, 2, 3], batch: 1).ToArray().ShouldBe(before);
    }

    [Fact]
    public void Shapes_may_change_from_run_to_run()
    {
        using var session = new T5Session(reference.Bundle, new Device(SmallModel.Device));
        var three = session.Run([1, 2, 3], batch: 1).ToArray();
        session.Run([1, 2, 3, 4, 5], batch: 1).Length.ShouldBe(5 * 48);
        session.Run([1, 2, 3, 4, 5, 6], batch: 2).Length.ShouldBe(6 * 48);
        session.Run([1, 2, 3], batch: 1).ToArray().ShouldBe(three);
    }

    [Fact]
    public void A_graph_that_is_not_there_is_a_damaged_model()
    {
        var path = Path.Combine(reference.Bundle.Folder, "poem.onnx");
        var refusal = Should.Throw<KontextException>(() =>
            GraphSession.Load(new(path, GraphPrecision.Float32), new Device(SmallModel.Device))
        );
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain("poem.onnx");
    }
}
