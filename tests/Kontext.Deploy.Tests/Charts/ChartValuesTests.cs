namespace Kontext.Deploy.Tests.Charts;

/// <summary>Values that are refused, before anything is rendered or at the latest then, and what is said.</summary>
public sealed class ChartValuesTests
{
    [Theory]
    [InlineData("gateway.replica=3", "additional properties 'replica' not allowed")]
    [InlineData("gateway.replicas=0", "/gateway/replicas")]
    [InlineData("gateway.replicas=two", "/gateway/replicas")]
    [InlineData("gateway.terminationGracePeriodSeconds=30", "/gateway/terminationGracePeriodSeconds")]
    [InlineData("image.cpu.tag=latest", "/image/cpu/tag")]
    [InlineData("image.gpu.digest=sha256:12", "/image/gpu/digest")]
    [InlineData("rabbitmq.image=rabbitmq", "/rabbitmq/image")]
    [InlineData("rabbitmq.image=rabbitmq:management", "/rabbitmq/image")]
    [InlineData("rabbitmq.bundled=false", "/rabbitmq/url")]
    [InlineData("redis.bundled=false", "/redis/connection")]
    [InlineData("objectStore.bundled=false", "/objectStore/endpoint")]
    [InlineData("objectStore.bucket=Kontext", "/objectStore/bucket")]
    [InlineData("ingress.enabled=true", "/ingress/host")]
    [InlineData("workerPools.tiny.stages={encode,dream}", "/workerPools/tiny")]
    [InlineData("workerPools.tiny.device=cuda:1", "/workerPools/tiny")]
    [InlineData("workerPools.Tiny.replicas=1", "invalid propertyName 'Tiny'")]
    [InlineData("workerPools.tiny.keda.backlogSecondsPerWorker=0", "/workerPools/tiny")]
    [InlineData("worker.gpuResource=gpu", "/worker/gpuResource")]
    [InlineData("models.source=claim", "/models/claim")]
    [InlineData("models.digests.a=md5:1", "/models/digests/a")]
    [InlineData("firstTenant.name=Admin", "/firstTenant/name")]
    [InlineData("secret=", "/secret")]
    [InlineData("config.Filters__Prompt__Secret=x", "invalid propertyName 'Filters__Prompt__Secret'")]
    [InlineData("telemetry.otlpEndpoint=collector:4317", "/telemetry/otlpEndpoint")]
    [InlineData("workerPools.tiny.keda.enabled=true", "keda.prometheus is empty")]
    [InlineData("workerPools.tiny.models={flux-kontext-dev}", "models.source is none")]
    [InlineData(
        "workerPools.tiny.models={flux-kontext-dev},models.source=objectStore",
        "models.digests.flux-kontext-dev is missing"
    )]
    [InlineData("rabbitmq.bundled=false,rabbitmq.url=amqp://a:b@c:5672", "networkPolicy.workerEgress is empty")]
    public async Task A_wrong_value_is_refused(string set, string said)
    {
        var (code, _, error) = await DeployTools.HelmAsync(
            ["template", "kontext", Chart.Folder, "--set", set],
            TestContext.Current.CancellationToken
        );

        code.ShouldNotBe(0);
        error.ShouldContain(said);
    }

    [Theory]
    [InlineData("workerPools.tiny=null")]
    [InlineData("firstTenant.name=")]
    [InlineData("networkPolicy.enabled=false")]
    [InlineData("image.cpu.digest=sha256:0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("config.Storage__Retention=7.00:00:00")]
    [InlineData("redisTensors.bundled=false")]
    [InlineData("telemetry.serviceMonitor.enabled=true")]
    public async Task A_right_one_is_not(string set) =>
        (await Chart.RenderWithAsync(["--set", set], TestContext.Current.CancellationToken)).ShouldNotBeEmpty();
}
