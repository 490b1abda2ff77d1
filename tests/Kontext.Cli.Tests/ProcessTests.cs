using System.Diagnostics;
using System.Runtime.InteropServices;
using Kontext.Contracts;

namespace Kontext.Cli.Tests;

/// <summary>The built executable, as a shell starts it: what only a process of its own can show.</summary>
public sealed partial class ProcessTests(TinyModel model) : CommandTests(model)
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    [Fact]
    public async Task An_edit_names_its_result_after_the_picture_and_writes_it_to_the_working_folder()
    {
        var run = await Start("edit", "photo.png", "make it red", "--seed", "1");
        run.ShouldSucceed().Out.ShouldHaveSingleLine().ShouldBe("photo-edited.png  64x64  seed 1");
        run.Error.ShouldHaveSingleLine().ShouldNotContain('\r');
        Files().ShouldBe(["photo-edited.png", "photo.png"]);

        Run("edit", "@/photo.png", "make it red", "--seed", "1", "--output", "@/here.png").ShouldSucceed();
        File.ReadAllBytes(At("photo-edited.png")).ShouldBe(File.ReadAllBytes(At("here.png")));
    }

    [Fact]
    public async Task A_failure_is_one_line_without_a_stack_trace()
    {
        // libvips would write a warning of its own about this one.
        WritePicture("whole.jpg", 64, 64);
        File.WriteAllBytes(At("damaged.jpg"), File.ReadAllBytes(At("whole.jpg"))[..900]);
        (await Start("edit", "damaged.jpg", "make it red")).ShouldFailAs(ErrorCode.ImageUnreadable, "'damaged.jpg'");
        (await Start("edit", "photo.png", "red", "--model", "none")).ShouldFailAs(ErrorCode.ModelNotFound, "'none'");
        (await Start()).ShouldFailAs(ErrorCode.Usage, "command");
        (await Start("generate", "a star", "--output", "missing/x.png")).ShouldFailAs(
            ErrorCode.OutputUnwritable,
            "missing"
        );
    }

    [Fact]
    public async Task ONNX_Runtime_says_nothing_of_its_own() =>
        (await Start("edit", "photo.png", "make it red", "--precision", "bf16")).ShouldFailAs(
            ErrorCode.PrecisionUnsupported,
            "in bf16"
        );

    [Fact]
    public async Task The_stack_is_shown_to_whoever_asks_for_it()
    {
        var run = await Start([], ["edit", "missing.png", "make it red"], ("KONTEXT_DEBUG", "1"));
        run.ExitCode.ShouldBe(2);
        run.Error.ShouldStartWith("error file_not_found: ");
        run.Error.ShouldContain("   at Kontext.");
    }

    [Fact]
    public async Task The_version_is_printed() =>
        (await Start("--version")).ShouldSucceed().Out.ShouldStartWith("0.1.0");

    [Fact]
    public async Task Results_that_nobody_can_take_are_a_failure_of_the_output() =>
        (await Start(["/bin/sh", "-c", "exec \"$0\" \"$@\" > /dev/full"], ["model", "list"])).ShouldFailAs(
            ErrorCode.OutputUnwritable,
            "The results cannot be written"
        );

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task A_signal_stops_the_work_between_two_steps_and_leaves_no_file(int signal)
    {
        string[] endless = ["generate", "a star", "--size", "256x256", "--count", "64", "--steps", "500"];
        using var process = Process.Start(Describe([], endless))!;
        var run = await Finish(
            process,
            async patience =>
            {
                // Graphs are being loaded or run: the command is at work, and its signal handlers are in place.
                var maps = $"/proc/{process.Id}/maps";
                while (!(await File.ReadAllTextAsync(maps, patience)).Contains("libonnxruntime.so"))
                {
                    await Task.Delay(20, patience);
                }
                Kill(process.Id, signal).ShouldBe(0);
            }
        );
        run.ShouldFailAs(ErrorCode.Cancelled, "Stopped.");
        Files().ShouldBe(Given);
    }

    [Fact]
    public async Task A_bench_that_is_stopped_shows_on_its_sheets_how_far_it_came()
    {
        string[] bench = ["bench", "kontextbench", BenchKontextBenchTests.Set, "--output", "out", "--steps", "300"];
        using var process = Process.Start(Describe([], [.. bench, "--threads", "1"]))!;
        var run = await Finish(
            process,
            async patience =>
            {
                var results = new FileInfo(At("out/results.jsonl"));
                while (!results.Exists || results.Length == 0)
                {
                    await Task.Delay(20, patience);
                    results.Refresh();
                }
                Kill(process.Id, Interrupt).ShouldBe(0);
            }
        );
        run.ShouldFailAs(ErrorCode.Cancelled, "Stopped.");
        var made = File.ReadLines(At("out/results.jsonl")).Count();
        made.ShouldBeInRange(1, 9);
        Directory.GetFiles(At("out/outputs")).Length.ShouldBe(made);
        Directory.GetFiles(At("out/sheets")).ShouldNotBeEmpty();
    }

    private Task<CommandRun> Start(params string[] arguments) => Start([], arguments);

    private async Task<CommandRun> Start(string[] shell, string[] arguments, params (string, string)[] environment)
    {
        using var process = Process.Start(Describe(shell, arguments, environment))!;
        return await Finish(process);
    }

    private ProcessStartInfo Describe(string[] shell, string[] arguments, params (string, string)[] environment)
    {
        var dotnet =
            Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        string[] line = [.. shell, dotnet, Path.Combine(AppContext.BaseDirectory, "kontext.dll"), .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = At(""),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KONTEXT_MODELS"] = Model.Library.UserFolder;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return start;
    }

    /// <summary>Waits for the end of a process and of what is done to it meanwhile; it never outlives the test.</summary>
    private static async Task<CommandRun> Finish(Process process, Func<CancellationToken, Task>? meanwhile = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await (meanwhile?.Invoke(patience.Token) ?? Task.CompletedTask);
            await process.WaitForExitAsync(patience.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
