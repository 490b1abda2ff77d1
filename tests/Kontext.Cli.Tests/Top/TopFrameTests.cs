using Kontext.Cli.Top;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Cluster;

namespace Kontext.Cli.Tests.Top;

public sealed class TopFrameTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Uri Server = new("http://gateway:8080/");

    private static readonly ClusterView Busy = new(
        new(9, Now.AddMilliseconds(-400), 400, EtaError: 0.124),
        [
            Lane("tiny", Stage.Denoise, waiting: 3, released: 2, oldest: 1500, workers: 2),
            Lane("tiny", Stage.Decode, waiting: 0, released: 0, oldest: 0, workers: 1),
            Lane("gone", Stage.Denoise, waiting: 1, released: 0, oldest: 90_000, workers: 0),
        ],
        [
            Worker("gpu-1", "NVIDIA H100 bf16", 21.4, accepting: true) with
            {
                Batches =
                [
                    new("tiny", "512-4096-4096", 8, 40.5),
                    new("tiny", "512-1024-0", 4),
                    new("tiny", "512-9216-0x2", 1),
                ],
            },
            Worker("gpu-2", "NVIDIA H100 bf16", null, accepting: false),
        ],
        [new("acme", 2, 1, 7_500_000, 0.75, 0.5), new("trial", 0, 0, 2_500_000, 0.25)]
    );

    [Fact]
    public void Everything_is_shown_where_there_is_room() =>
        string.Join('\n', Lay(Busy, null).Select(line => line.Text))
            .ShouldBe(
                """
                kontext top  http://gateway:8080  03:04:05 UTC
                leader   term 9, heard 400 ms ago
                tasks    4 waiting, 2 released   workers 2, 1 draining   slots 6 of 10   ETA off by 12 %

                LANE  STAGE    SIZE  WAITING  RELEASED  OLDEST  WORKERS  SLOTS
                gone  denoise  s           1         0    90 s        0      0
                tiny  denoise  s           3         2   1.5 s        2      8
                tiny  decode   s           0         0                1      4

                WORKER  DEVICE            RUNNING                          A STEP   UP  BATCHES
                gpu-1   NVIDIA H100 bf16  denoise 3/4 decode ?/1            21 ms  3 h  8 @ 512-4096-4096, 4 @ 512-1024-0 +1
                gpu-2   NVIDIA H100 bf16  denoise 3/4 decode ?/1 draining          3 h

                TENANT  WAITING  RUNNING  LATELY   TODAY  SHARE
                acme          2        1    50 %     2 h   75 %
                trial         0        0     0 %  41 min   25 %
                """
            );

    [Fact]
    public void What_needs_looking_at_stands_out()
    {
        Alarms(Busy).ShouldHaveSingleItem().ShouldStartWith("gone  denoise");
        Alarms(Busy with { Board = null }).ShouldContain("leader   none has begun yet");
        Alarms(Busy with { Board = new(9, Now, 61_000) })
            .ShouldContain("leader   none: the last, of term 9, was heard 61 s ago");
        TopFrame
            .Lay(Busy, Server, "it cannot be reached", Now, null)
            .ShouldContain(new TopLine("it cannot be reached", TopStyle.Alarm));

        static IEnumerable<string> Alarms(ClusterView view) =>
            Lay(view, null).Where(line => line.Style == TopStyle.Alarm).Select(line => line.Text);
    }

    [Fact]
    public void Of_a_worker_with_several_models_each_batch_names_its_own()
    {
        var worker = Worker("gpu-1", "cpu", null, true) with { Models = ["a", "b"], Batches = [new("b", "8-8-0", 2)] };
        Lay(Busy with { Workers = [worker] }, null).ShouldContain(line => line.Text.EndsWith("  2 @ b 8-8-0"));
    }

    [Fact]
    public void Models_of_one_name_are_told_apart()
    {
        var lanes = Busy.Lanes.Select(lane => lane with { Model = "tiny", Digest = $"sha256:{lane.Model}0123456789" });
        var texts = Lay(Busy with { Lanes = [.. lanes] }, null).Select(line => line.Text).ToArray();
        texts.ShouldContain(text => text.StartsWith("tiny gone01  denoise"));
        texts.ShouldContain(text => text.StartsWith("tiny tiny01  decode"));
    }

    /// <summary>Whatever there is to show and however small the screen.</summary>
    [Fact]
    public void No_screen_is_overrun_and_what_is_left_out_is_counted() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[1, 200], Gen.Int[1, 80])
            .Sample(
                (lanes, workers, tenants, width, height) =>
                {
                    var view = Busy with
                    {
                        Lanes = [.. Enumerable.Range(0, lanes).Select(i => Lane($"m{i}", Stage.Encode, i, 0, 0, 1))],
                        Workers = [.. Enumerable.Range(0, workers).Select(i => Worker($"w{i}", "cpu", null, true))],
                        Tenants = [.. Enumerable.Range(0, tenants).Select(i => new TenantView($"t{i}", 0, 0, 0, 0))],
                    };
                    var lines = Lay(view, (width, height));
                    lines.Count.ShouldBeLessThanOrEqualTo(height);
                    lines.ShouldAllBe(line => line.Text.Length <= width);
                    if (width == 200 && height > 12)
                    {
                        var hidden = lines
                            .Where(line => line.Text.StartsWith('…'))
                            .Sum(line => int.Parse(line.Text.Split(' ')[1]));
                        var shown = lines.Count(line => line.Text.Length > 1 && char.IsDigit(line.Text[1]));
                        (hidden + shown).ShouldBe(lanes + workers + tenants);
                    }
                },
                iter: 2000
            );

    [Theory]
    [InlineData(100, 3, 4, 5, "3 4 5")]
    [InlineData(12, 3, 40, 50, "3 5 4")]
    [InlineData(9, 30, 40, 50, "3 3 3")]
    [InlineData(0, 30, 40, 1, "2 2 1")]
    public void Room_goes_to_who_needs_it(int available, int one, int two, int three, string given) =>
        string.Join(' ', TopFrame.Share(available, [one, two, three])).ShouldBe(given);

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(-5, "0 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(1500, "1.5 s")]
    [InlineData(61_000, "61 s")]
    [InlineData(7_199_000, "119 min")]
    [InlineData(7_200_000, "2 h")]
    [InlineData(1e300, "5337599 d")]
    public void Times_have_the_unit_that_leaves_the_fewest_digits(double ms, string text) =>
        TopFrame.Age(ms).ShouldBe(text);

    [Fact]
    public void Names_move_no_cursor() =>
        Lay(Busy with { Tenants = [new("a\e[2Jb\nc", 0, 0, 0, 0)] }, null)
            .ShouldAllBe(line => !line.Text.Any(char.IsControl));

    private static IReadOnlyList<TopLine> Lay(ClusterView view, (int, int)? size) =>
        TopFrame.Lay(view, Server, null, Now, size);

    private static LaneView Lane(string model, Stage stage, int waiting, int released, double oldest, int workers) =>
        new(model, "sha256:0123456789", stage, SizeClass.S, waiting, released, oldest, workers, workers * 4);

    private static WorkerView Worker(string host, string device, double? msPerStep, bool accepting) =>
        new(
            host,
            host,
            device,
            null,
            ["tiny"],
            [new(Stage.Denoise, 4, 3, msPerStep), new(Stage.Decode, 1, null)],
            SizeClass.L,
            accepting,
            Now.AddHours(-3)
        );
}
