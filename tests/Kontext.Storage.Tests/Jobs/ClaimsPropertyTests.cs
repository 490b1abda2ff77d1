using Kontext.Contracts.Tasks;
using Kontext.Storage.Jobs;
using Kontext.Storage.Redis;

namespace Kontext.Storage.Tests.Jobs;

/// <summary>
/// The one arbiter, whatever happens in whatever order: several workers ask, beat, take checkpoints, finish and give back at
/// the same time, leases run out, messages come twice, runs begin anew, and now and then the server loses everything.
/// </summary>
public abstract class ClaimsPropertyTests(RedisFixture server)
{
    private static readonly TaskId Task = new(Stage.Denoise, 0);

    /// <summary>What can happen; the comments say what the two numbers of a step mean for it.</summary>
    private enum Kind
    {
        /// <summary>Worker, and which of the deliveries.</summary>
        Claim,

        /// <summary>Worker, and which of the deliveries.</summary>
        ClaimAgain,

        /// <summary>Worker, and its step.</summary>
        Beat,

        /// <summary>Worker, and its step.</summary>
        Checkpoint,

        /// <summary>Worker.</summary>
        Finish,

        /// <summary>Worker.</summary>
        GiveBack,

        /// <summary>Nothing.</summary>
        Lapse,

        /// <summary>Nothing.</summary>
        NextRun,

        /// <summary>Nothing.</summary>
        Flush,
    }

    private static readonly Gen<Kind> GenKind = Gen.Frequency(
        (6, Gen.Const(Kind.Claim)),
        (3, Gen.Const(Kind.ClaimAgain)),
        (3, Gen.Const(Kind.Beat)),
        (3, Gen.Const(Kind.Checkpoint)),
        (1, Gen.Const(Kind.Finish)),
        (1, Gen.Const(Kind.GiveBack)),
        (3, Gen.Const(Kind.Lapse)),
        (1, Gen.Const(Kind.NextRun)),
        (1, Gen.Const(Kind.Flush))
    );

    /// <summary>Rounds of steps that are taken at the same time.</summary>
    private static readonly Gen<(Kind, int, int)[][]> GenRounds = Gen.Select(GenKind, Gen.Int[0, 2], Gen.Int[0, 3])
        .Array[1, 4]
        .Array[1, 25];

    private readonly JobRecords _records = new(server.Redis, TimeProvider.System);
    private readonly Claims _claims = new(server.Redis, Claims.Lease);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task One_number_at_most_is_accepted_and_numbers_only_grow() =>
        GenRounds.SampleAsync(PlayAsync, iter: Profile.Iterations(200), threads: 1);

    private async Task PlayAsync((Kind, int, int)[][] rounds)
    {
        var play = new Play(server, _records, _claims);
        await play.BeginAsync();
        foreach (var round in rounds)
        {
            await play.RoundAsync(round);
        }
    }

    private sealed class Play(RedisFixture server, JobRecords records, Claims claims)
    {
        /// <summary>The number each worker believes to hold.</summary>
        private readonly long[] _held = new long[3];

        /// <summary>Every number there ever was, and its run.</summary>
        private readonly Dictionary<long, int> _granted = [];
        private readonly Lock _gate = new();
        private long _highest;
        private int _run = 1;

        /// <summary>Whether the run that is asked for is certainly finished.</summary>
        private bool _finished;

        public async Task BeginAsync()
        {
            await server.FlushAsync();
            await records.SaveAsync(await records.OpenTermAsync(Token), SomeJobs.Record("job"), 0, Token);
        }

        public async Task RoundAsync((Kind Kind, int Worker, int Number)[] steps)
        {
            var before = _highest;
            var known = _granted.Keys.ToHashSet();
            var isFresh = steps.Any(step => step.Kind is Kind.NextRun or Kind.Flush);
            var wasFinished = _finished;
            await System.Threading.Tasks.Task.WhenAll(steps.Select(StepAsync));

            _granted.Keys.Except(known).ShouldAllBe(number => number > before);
            var accepted = await AcceptedAsync();
            accepted.Length.ShouldBeLessThanOrEqualTo(1);
            accepted.ShouldAllBe(number => number == _highest);
            if (isFresh)
            {
                // Which came first within the round is not known.
                _finished = false;
            }
            else if (wasFinished)
            {
                _granted.Count.ShouldBe(known.Count, "a finished run was granted again");
                accepted.ShouldBeEmpty();
            }
        }

        /// <summary>Of all numbers there ever were, those that go on.</summary>
        private async Task<long[]> AcceptedAsync()
        {
            var all = _granted.Keys.ToArray();
            var answers = await claims.BeatAsync(
                [.. all.Select(number => new Heartbeat("job", Task, number, 0))],
                Token
            );
            return [.. all.Where((_, i) => answers[i])];
        }

        private async Task StepAsync((Kind Kind, int Worker, int Number) step)
        {
            var held = Interlocked.Read(ref _held[step.Worker]);
            switch (step.Kind)
            {
                case Kind.Claim:
                    await ClaimAsync(step.Worker, $"d{step.Number}", redelivered: false);
                    break;
                case Kind.ClaimAgain:
                    await ClaimAsync(step.Worker, $"d{step.Number}", redelivered: true);
                    break;
                case Kind.Beat:
                    await claims.BeatAsync([new("job", Task, held, step.Number)], Token);
                    break;
                case Kind.Checkpoint:
                    await claims.CheckpointAsync("job", Task, held, new("key", step.Number, "class"), Token);
                    break;
                case Kind.Finish:
                    var run = RunOf(held);
                    if (await claims.FinishAsync(SomeJobs.Report("job", Task, held, run: run), Token) && run == _run)
                    {
                        _finished = true;
                    }
                    break;
                case Kind.GiveBack:
                    await claims.GiveBackAsync("job", Task, held, Token);
                    break;
                case Kind.Lapse:
                    await server.Redis.AskAsync(
                        redis =>
                            redis.ScriptEvaluateAsync(
                                "if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], '0') end",
                                [RedisKeys.Claims("job")],
                                [$"{Task}:l"]
                            ),
                        Token
                    );
                    break;
                case Kind.NextRun:
                    Interlocked.Increment(ref _run);
                    break;
                case Kind.Flush:
                    await BeginAsync();
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(step));
            }
        }

        private int RunOf(long number)
        {
            lock (_gate)
            {
                return _granted.GetValueOrDefault(number);
            }
        }

        private async Task ClaimAsync(int worker, string delivery, bool redelivered)
        {
            var task = SomeJobs.Task("job", Task, Volatile.Read(ref _run));
            var answer = await claims.ClaimAsync(task, delivery, redelivered, $"w{worker}", Token);
            var number = answer switch
            {
                ClaimAnswer.Granted granted => granted.Number,
                ClaimAnswer.Exhausted exhausted => exhausted.Number,
                _ => 0,
            };
            if (number > 0)
            {
                lock (_gate)
                {
                    _granted[number] = task.Run;
                    _highest = Math.Max(_highest, number);
                    _held[worker] = number;
                }
            }
        }
    }
}

public sealed class ClaimsPropertyOnRedisTests(OnRedis server) : ClaimsPropertyTests(server), IClassFixture<OnRedis>;

public sealed class ClaimsPropertyOnGarnetTests(OnGarnet server) : ClaimsPropertyTests(server), IClassFixture<OnGarnet>;
