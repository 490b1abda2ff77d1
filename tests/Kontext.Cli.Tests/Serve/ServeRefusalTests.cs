using System.Net;
using System.Net.Sockets;
using Kontext.Contracts;

namespace Kontext.Cli.Tests.Serve;

/// <summary>What keeps a process from serving is named.</summary>
public sealed class ServeRefusalTests(TinyModel model) : CommandTests(model)
{
    [Theory]
    [InlineData("usage", "--role takes gateway, coordinator, worker, all, not 'boss'", "--role", "boss")]
    [InlineData("usage", "--stages takes encode, denoise, decode, not 'paint'", "--stages", "encode,paint")]
    [InlineData("usage", "--stages is for workers", "--role", "gateway", "--stages", "encode")]
    [InlineData("usage", "--model is for workers", "--role", "coordinator", "--model", "kontext-tiny")]
    [InlineData("usage", "--device is for workers", "--role", "gateway", "--device", "cpu")]
    [InlineData("usage", "--urls takes URLs such as", "--urls", "localhost:8080")]
    [InlineData("usage", "--urls takes URLs such as", "--urls", "http://127.0.0.1:8080/path")]
    [InlineData("usage", "--data takes a folder", "--data", "")]
    [InlineData("usage", "--threads takes", "--threads", "-1")]
    [InlineData("model_not_found", "There is no model 'none'", "--model", "none")]
    [InlineData(
        "configuration_invalid",
        "ConnectionStrings__RabbitMq and ConnectionStrings__Redis",
        "--role",
        "worker"
    )]
    [InlineData("configuration_invalid", "cannot be used", "--data", "@/photo.png")]
    [InlineData(
        "configuration_invalid",
        "--urls https://127.0.0.1:18443 cannot be listened on",
        "--urls",
        "https://127.0.0.1:18443"
    )]
    public void Each_has_its_code(string code, string words, params string[] arguments)
    {
        string[] data = arguments.Contains("--data") ? [] : ["--data", At("data")];
        Run(["serve", .. arguments, .. data]).ShouldFailAs(code.ToErrorCode(), words);
    }

    [Fact]
    public void A_model_that_cannot_be_loaded_ends_it()
    {
        var graph = Path.Combine(Model.Copy(At("broken")), "decoder.fp32.onnx");
        File.WriteAllBytes(graph, new byte[new FileInfo(graph).Length]);
        var run = Run("serve", "--urls", "http://127.0.0.1:0", "--data", "@/data", "--model", "@/broken/");
        run.ShouldFailAs(ErrorCode.ModelCorrupt, "decoder.fp32.onnx");
    }

    [Fact]
    public void A_port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        Run("serve", "--urls", url, "--data", "@/data")
            .ShouldFailAs(
                ErrorCode.ConfigurationInvalid,
                $"--urls {url} cannot be listened on: something else listens there."
            );
    }

    [Fact]
    public void A_folder_that_another_process_serves_from_is_named()
    {
        Directory.CreateDirectory(At("data"));
        using var other = Cli.Serve.DataFolder.Hold(At("data"));
        Run("serve", "--urls", "http://127.0.0.1:0", "--data", "@/data")
            .ShouldFailAs(ErrorCode.ConfigurationInvalid, "another process serves from it");
    }
}
