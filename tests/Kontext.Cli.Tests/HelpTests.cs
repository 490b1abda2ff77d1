namespace Kontext.Cli.Tests;

public sealed class HelpTests(TinyModel model) : CommandTests(model)
{
    [Theory]
    [InlineData("kontext edit photo.png")]
    [InlineData("kontext edit photo.png", "edit")]
    [InlineData("kontext generate ", "generate")]
    [InlineData("kontext serve", "serve")]
    [InlineData("kontext doctor", "doctor")]
    [InlineData("kontext top", "top")]
    [InlineData("kontext health", "health")]
    [InlineData("kontext model list", "model")]
    [InlineData("kontext model list", "model", "list")]
    [InlineData("kontext model show ", "model", "show")]
    [InlineData("kontext model verify ", "model", "verify")]
    [InlineData("kontext model run ", "model", "run")]
    [InlineData("kontext model import ", "model", "import")]
    [InlineData("kontext bench model ", "bench", "model")]
    [InlineData("kontext bench transformer ", "bench", "transformer")]
    [InlineData("kontext bench fairness", "bench", "fairness")]
    [InlineData("kontext bench kontextbench ", "bench", "kontextbench")]
    [InlineData("kontext tenant create ", "tenant")]
    [InlineData("kontext tenant list", "tenant", "list")]
    [InlineData("kontext tenant create ", "tenant", "create")]
    [InlineData("kontext tenant show ", "tenant", "show")]
    [InlineData("kontext tenant set ", "tenant", "set")]
    [InlineData("kontext tenant rotate ", "tenant", "rotate")]
    [InlineData("kontext tenant revoke ", "tenant", "revoke")]
    [InlineData("kontext tenant disable ", "tenant", "disable")]
    [InlineData("kontext tenant enable ", "tenant", "enable")]
    [InlineData("kontext tenant usage ", "tenant", "usage")]
    public void Help_of_a_command_ends_with_an_example_of_it(string example, params string[] command)
    {
        var run = Run([.. command, "--help"]).ShouldSucceed();
        run.Out.ShouldContain("Example");
        run.Out[run.Out.IndexOf("Example", StringComparison.Ordinal)..].ShouldContain(example);
        run.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("generate")]
    [InlineData("serve")]
    [InlineData("doctor")]
    [InlineData("bench", "model")]
    [InlineData("bench", "transformer")]
    [InlineData("bench", "kontextbench")]
    [InlineData("model", "run")]
    [InlineData("tenant", "create")]
    public void Help_describes_every_option(params string[] command)
    {
        var run = Run([.. command, "--help"]).ShouldSucceed();
        var options = run.Out.Split('\n').Where(line => line.StartsWith("  --", StringComparison.Ordinal)).ToArray();
        options.Length.ShouldBeGreaterThan(4);
        options.ShouldAllBe(line => line.Trim().Split("  ", 2, StringSplitOptions.None).Length == 2);
    }

    [Fact]
    public void Help_of_the_whole_lists_the_exit_codes() =>
        Run("--help").ShouldSucceed().Out.ShouldContain("Exit codes: 0 done, 1 internal fault, 2 wrong input");
}
