using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Lanes;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Worker.Tests;

public sealed class WorkerOptionsTests(TinyModel model) : IClassFixture<TinyModel>
{
    private WorkerOptions Valid => new() { Models = [model.Bundle] };

    [Fact]
    public void Defaults_are_valid_and_small()
    {
        Should.NotThrow(Valid.Validate);
        new StageSlots(Valid, new(limit: 8)).All.ShouldBe(
            new Dictionary<Stage, int>
            {
                [Stage.Encode] = 4,
                [Stage.Denoise] = 2,
                [Stage.Decode] = 4,
            },
            ignoreOrder: true
        );
    }

    [Fact]
    public void Only_stages_that_are_served_have_slots() =>
        new StageSlots(Valid with { Stages = [Stage.Denoise, Stage.Denoise] }, new(limit: 8)).All.Keys.ShouldBe([
            Stage.Denoise,
        ]);

    [Fact]
    public void Two_workers_never_have_the_same_id() => Valid.Id.ShouldNotBe(Valid.Id);

    [Fact]
    public void Everything_that_cannot_work_is_refused_at_once()
    {
        WorkerOptions[] wrong =
        [
            Valid with
            {
                Models = [],
            },
            Valid with
            {
                Stages = [],
            },
            Valid with
            {
                EncodeSlots = 0,
            },
            Valid with
            {
                DenoiseSlots = -1,
            },
            Valid with
            {
                LargestBatch = 0,
            },
            Valid with
            {
                DecodeSlots = 1_000_000,
            },
            Valid with
            {
                CheckpointInterval = TimeSpan.Zero,
            },
            Valid with
            {
                CheckpointSteps = 0,
            },
            Valid with
            {
                MaxDeviceFailures = 0,
            },
            Valid with
            {
                Id = "",
            },
        ];
        foreach (var options in wrong)
        {
            var error = Should.Throw<KontextException>(() => new ServiceCollection().AddKontextWorker(options));
            error.Code.ShouldBe(ErrorCode.Usage);
            error.Message.ShouldNotBeNullOrEmpty();
        }
    }
}
