using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Bundles;
using Kontext.Gateway.Models;

namespace Kontext.Gateway.Tests.Models;

public sealed class ModelChoiceTests
{
    private static readonly ServedModel Tiny = Model("kontext-tiny", "1");
    private static readonly ServedModel DevOld = Model("dev", "2");
    private static readonly ServedModel DevNew = Model("dev", "3");

    [Fact]
    public void Before_any_worker_has_come_there_is_nothing_to_ask_for()
    {
        var refusal = Should.Throw<KontextException>(() => Choose("dev", null, []));
        refusal.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        refusal.Message.ShouldContain("No worker has announced a model yet");
    }

    [Fact]
    public void A_name_that_nobody_announced_is_refused_with_those_there_are()
    {
        var refusal = Should.Throw<KontextException>(() => Choose("pro", null, [Tiny, DevOld, DevNew]));
        refusal.Code.ShouldBe(ErrorCode.ModelNotFound);
        refusal.Message.ShouldBe("There is no model 'pro'. Known: dev, kontext-tiny.");
    }

    [Fact]
    public void Without_a_name_it_is_the_configured_one_else_the_only_one_else_the_included_one()
    {
        Choose(null, "dev", [Tiny, DevOld]).ShouldBe(DevOld);
        Choose(null, null, [DevOld, DevNew]).ShouldBe(DevNew);
        Choose(null, null, [DevOld, Tiny]).ShouldBe(Tiny);
        Should
            .Throw<KontextException>(() => Choose(null, null, [DevOld, Model("pro", "4")]))
            .Code.ShouldBe(ErrorCode.ModelNotFound);
        Should.Throw<KontextException>(() => Choose(null, "gone", [Tiny])).Code.ShouldBe(ErrorCode.ModelNotFound);
    }

    [Fact]
    public void Of_one_name_it_is_the_one_that_a_live_worker_has_else_the_newest()
    {
        Choose("dev", null, [DevOld, DevNew]).ShouldBe(DevNew);
        Choose("dev", null, [DevOld, DevNew], DevOld).ShouldBe(DevOld);
        Choose("dev", null, [DevOld, DevNew], DevOld, DevNew).ShouldBe(DevNew);
        Choose("dev", null, [DevOld, DevNew], Tiny).ShouldBe(DevNew);
    }

    private static ServedModel Choose(
        string? asked,
        string? byDefault,
        ServedModel[] served,
        params ServedModel[] live
    ) => ModelChoice.Choose(asked, byDefault, served, live.Select(model => model.Ref).ToHashSet());

    private static ServedModel Model(string name, string digest) =>
        new(
            new ModelManifest
            {
                Format = ModelManifest.CurrentFormat,
                Name = name,
                Digest = $"sha256:{digest}",
                Sampling = SamplingSettings.FluxKontext,
                Files = new Dictionary<string, FileDigest>(),
            }
        );
}
