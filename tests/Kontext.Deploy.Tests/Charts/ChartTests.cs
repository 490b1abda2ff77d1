using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontext.Cli.Serve;
using Kontext.Servers;

namespace Kontext.Deploy.Tests.Charts;

/// <summary>What the chart renders, with no values of one's own and with each example.</summary>
public sealed partial class ChartTests(DeployTools tools)
{
    public static TheoryData<string> Values => Chart.Values;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Values))]
    public async Task It_lints(string values)
    {
        var (code, output, error) = await DeployTools.HelmAsync(
            ["lint", "--strict", Chart.Folder, .. Chart.Arguments(values)],
            Cancellation
        );

        code.ShouldBe(0, output + error);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Objects_are_what_Kubernetes_knows(string values)
    {
        var objects = await Chart.RenderAsync(values, Cancellation);

        var (code, output, error) = await Command.RunAsync(
            tools.Npm.Folder,
            "node",
            ["validate.mjs"],
            Cancellation,
            new JsonArray([.. objects.Select(item => item.DeepClone())]).ToJsonString()
        );

        code.ShouldBe(0, error);
        output.Trim().ShouldBe("[]");
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Pods_have_no_rights_and_write_nowhere_but_where_they_must(string values)
    {
        foreach (var (name, pod) in (await Chart.RenderAsync(values, Cancellation)).Pods())
        {
            var security = pod.At("spec", "securityContext");
            security.Text("runAsNonRoot").ShouldBe("true", name);
            security.Text("seccompProfile", "type").ShouldBe("RuntimeDefault", name);
            int.Parse(security.Text("runAsUser")!).ShouldBeGreaterThan(0, name);
            pod.Text("spec", "automountServiceAccountToken").ShouldBe("false", name);
            foreach (var container in pod.Containers())
            {
                var own = container.At("securityContext");
                own.Text("allowPrivilegeEscalation").ShouldBe("false", name);
                own.Texts("capabilities", "drop").ShouldBe(["ALL"], customMessage: name);
                // RabbitMQ's image writes its configuration beside the one that it brings.
                own.Text("readOnlyRootFilesystem").ShouldBe(name.EndsWith("rabbitmq") ? "false" : "true", name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Containers_have_limits_and_pinned_images(string values)
    {
        foreach (var (name, pod) in (await Chart.RenderAsync(values, Cancellation)).Pods())
        {
            foreach (var container in pod.Containers())
            {
                container.Map("resources", "requests").Keys.ShouldBe(["cpu", "memory"], ignoreOrder: true);
                container.Map("resources", "limits").Keys.ShouldContain("memory", name);
                Pinned().IsMatch(container.Text("image")!).ShouldBeTrue(container.Text("image"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Every_role_is_asked_how_it_is_and_given_time_to_drain(string values)
    {
        var drain = (TimeSpan)
            typeof(ServeHost)
                .GetField("ShutdownTimeout", BindingFlags.NonPublic | BindingFlags.Static)!
                .GetValue(null)!;
        var objects = await Chart.RenderAsync(values, Cancellation);
        foreach (var deployment in objects.OfKind("Deployment"))
        {
            var pod = deployment.At("spec", "template", "spec");
            var container = pod.At("containers", 0);
            foreach (var (probe, paths) in Probes)
            {
                paths.ShouldContain(container.Text(probe, "httpGet", "path")!, deployment.Name());
                container.Text(probe, "httpGet", "port").ShouldBe("http");
            }
            var before = int.Parse(container.Text("lifecycle", "preStop", "sleep", "seconds") ?? "0");
            double.Parse(pod.Text("terminationGracePeriodSeconds")!)
                .ShouldBeGreaterThan(drain.TotalSeconds + before, deployment.Name());
        }
        foreach (var set in objects.OfKind("StatefulSet"))
        {
            var container = set.At("spec", "template", "spec", "containers", 0);
            container.At("readinessProbe").ShouldNotBeNull(set.Name());
            container.At("livenessProbe").ShouldNotBeNull(set.Name());
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Secrets_are_in_no_object_but_by_reference(string values)
    {
        var objects = await Chart.RenderAsync(values, Cancellation);

        objects.OfKind("Secret").ShouldBeEmpty();
        foreach (var (name, pod) in objects.Pods())
        {
            foreach (var variable in pod.Containers().SelectMany(container => container.Items("env")))
            {
                var called = variable.Text("name")!;
                if (Secret().IsMatch(called))
                {
                    variable.Text("valueFrom", "secretKeyRef", "name").ShouldNotBeNullOrEmpty($"{name} {called}");
                    variable.At("value").ShouldBeNull($"{name} {called}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Names_lead_somewhere(string values)
    {
        var objects = await Chart.RenderAsync(values, Cancellation);
        var pods = objects.Pods().Select(pod => (pod.Name, Labels: pod.Template.Map("metadata", "labels"))).ToList();

        foreach (var item in objects.Where(item => item.Text("kind") is "Deployment" or "StatefulSet"))
        {
            Matching(item.Map("spec", "selector", "matchLabels")).ShouldBe([$"{item.Text("kind")} {item.Name()}"]);
        }
        foreach (var budget in objects.OfKind("PodDisruptionBudget"))
        {
            Matching(budget.Map("spec", "selector", "matchLabels")).ShouldBe([$"Deployment {budget.Name()}"]);
        }
        objects
            .OfKind("PodDisruptionBudget")
            .Select(Chart.Name)
            .ShouldBe(objects.OfKind("Deployment").Select(Chart.Name), ignoreOrder: true);
        foreach (var service in objects.OfKind("Service"))
        {
            Matching(service.Map("spec", "selector")).ShouldNotBeEmpty(service.Name());
        }
        foreach (var policy in objects.OfKind("NetworkPolicy").Where(item => !item.Name().EndsWith("-servers")))
        {
            Matching(policy.Map("spec", "podSelector", "matchLabels")).ShouldNotBeEmpty(policy.Name());
        }
        foreach (var monitor in objects.OfKind("ServiceMonitor"))
        {
            var wanted = monitor.Map("spec", "selector", "matchLabels");
            objects
                .OfKind("Service")
                .Where(service => Holds(service.Map("metadata", "labels"), wanted))
                .ShouldHaveSingleItem()
                .Items("spec", "ports")
                .Select(port => port.Text("name"))
                .ShouldContain(monitor.Text("spec", "endpoints", 0, "port"));
        }
        foreach (var (name, pod) in objects.Pods())
        {
            var volumes = pod.Items("spec", "volumes")
                .Select(volume => volume.Text("name"))
                .Concat(["storage"])
                .ToHashSet();
            foreach (var container in pod.Containers())
            {
                container.Items("volumeMounts").Select(mount => mount.Text("name")).ShouldBeSubsetOf(volumes, name);
                var ports = container.Items("ports").Select(port => port.Text("name")).ToList();
                string?[] asked =
                [
                    .. Probes.Select(probe => container.Text(probe.Name, "httpGet", "port")),
                    .. Probes.Select(probe => container.Text(probe.Name, "tcpSocket", "port")),
                ];
                asked.Where(port => port is not null).ShouldBeSubsetOf(ports, name);
            }
        }

        IReadOnlyList<string> Matching(IReadOnlyDictionary<string, string> selector) =>
            [.. pods.Where(pod => Holds(pod.Labels, selector)).Select(pod => pod.Name)];
    }

    [Fact]
    public async Task Keda_scales_a_pool_by_the_device_seconds_before_its_lanes()
    {
        var objects = await Chart.RenderAsync("mixed-fleet.yaml", Cancellation);

        var scaled = objects.OfKind("ScaledObject").ShouldHaveSingleItem();
        var trigger = scaled.At("spec", "triggers", 0);
        trigger
            .Text("metadata", "query")
            .ShouldBe(
                """sum(max by (model, stage, size, priority) (kontext_lane_backlog_seconds{model=~"flux-kontext-dev",stage=~"denoise",namespace="kontext"}))"""
            );
        trigger.Text("metadata", "threshold").ShouldBe("60");
        trigger.Text("metricType").ShouldBe("AverageValue");
        var target = objects
            .OfKind("Deployment")
            .Single(item => item.Name() == scaled.Text("spec", "scaleTargetRef", "name"));
        // Two that decide how many there are would fight.
        target.At("spec", "replicas").ShouldBeNull();
        objects
            .OfKind("Deployment")
            .Where(item => item.Name() != target.Name())
            .ShouldAllBe(item => item.At("spec", "replicas") != null);
    }

    [Fact]
    public async Task A_pool_has_the_device_that_it_names()
    {
        var objects = await Chart.RenderAsync("mixed-fleet.yaml", Cancellation);

        var slice = Worker("denoise-mig");
        slice.Map("resources", "limits")["nvidia.com/mig-3g.40gb"].ShouldBe("1");
        slice.Text("image").ShouldBe("kontext-gpu:0.1.0");
        Worker("denoise-h100").Map("resources", "limits")["nvidia.com/gpu"].ShouldBe("1");
        Worker("encode-decode").Texts("args").ShouldContain("encode,decode");

        JsonNode? Worker(string pool) =>
            objects
                .OfKind("Deployment")
                .Single(item => item.Name() == $"kontext-worker-{pool}")
                .At("spec", "template", "spec", "containers", 0);
    }

    [Fact]
    public async Task A_model_that_is_fetched_is_checked_before_it_is_loaded()
    {
        var objects = await Chart.RenderAsync("mixed-fleet.yaml", Cancellation);

        foreach (var worker in objects.OfKind("Deployment").Where(item => item.Name().Contains("worker")))
        {
            var first = worker.Items("spec", "template", "spec", "initContainers").ToList();
            first
                .Select(container => container.Text("name"))
                .ShouldBe(["fetch-flux-kontext-dev", "verify-flux-kontext-dev"]);
            first[1].Texts("args")[^1].ShouldStartWith("sha256:");
            worker
                .Items("spec", "template", "spec", "containers", 0, "volumeMounts")
                .Single(mount => mount.Text("name") == "models")
                .Text("readOnly")
                .ShouldBe("true");
        }
    }

    [Fact]
    public async Task Servers_are_reached_by_roles_alone_and_nothing_else_by_anybody_but_the_gateway()
    {
        var policies = (await Chart.RenderAsync("", Cancellation)).OfKind("NetworkPolicy").ToList();

        var closed = policies.Single(item => item.Name() == "kontext-closed");
        closed.Texts("spec", "policyTypes").ShouldBe(["Ingress"]);
        closed.At("spec", "ingress").ShouldBeNull();
        var servers = policies.Single(item => item.Name() == "kontext-servers");
        servers
            .Texts("spec", "ingress", 0, "from", 0, "podSelector", "matchExpressions", 0, "values")
            .ShouldBe(["gateway", "coordinator", "worker", "first-tenant"]);
        policies.Single(item => item.Name() == "kontext-workers").Texts("spec", "policyTypes").ShouldBe(["Egress"]);
    }

    [Fact]
    public async Task Records_are_never_evicted_and_tensors_are()
    {
        var servers = (await Chart.RenderAsync("", Cancellation)).OfKind("StatefulSet").ToList();

        Policy("kontext-redis").ShouldBe("noeviction");
        Policy("kontext-redis-tensors").ShouldBe("allkeys-lru");

        string Policy(string name)
        {
            var command = servers
                .Single(item => item.Name() == name)
                .Texts("spec", "template", "spec", "containers", 0, "command");
            return command.SkipWhile(word => word != "--maxmemory-policy").ElementAt(1);
        }
    }

    [Fact]
    public async Task Its_readme_is_made_of_its_values()
    {
        var (code, _, error) = await Command.RunAsync(
            KontextServer.Repository,
            "python3",
            ["eng/chart_readme.py", "--check"],
            Cancellation
        );

        code.ShouldBe(0, error);
    }

    private static readonly (string Name, string[] Paths)[] Probes =
    [
        ("startupProbe", ["/healthz/live", "/healthz/ready"]),
        ("livenessProbe", ["/healthz/live"]),
        ("readinessProbe", ["/healthz/ready"]),
    ];

    private static bool Holds(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> wanted) =>
        wanted.All(pair => labels.GetValueOrDefault(pair.Key) == pair.Value);

    [GeneratedRegex(@"(:[A-Za-z0-9_.-]*\d[A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})\z")]
    private static partial Regex Pinned();

    [GeneratedRegex("(?i)password|_pass$|secret|accesskey|access_key|root_user")]
    private static partial Regex Secret();
}
