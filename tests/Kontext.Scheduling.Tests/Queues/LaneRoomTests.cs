using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Tests.Queues;

public sealed class LaneRoomTests
{
    private static readonly LanePool Encode = Pool(Stage.Encode, SizeClass.S);
    private readonly LaneRoom _room = new();

    [Fact]
    public void There_is_no_room_without_workers()
    {
        Take(Encode).ShouldBe(0);
        _room.Update([]);
        Take(Encode).ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(4, 6)]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    public void A_worker_takes_its_slots_and_half_of_them_ahead(int slots, int tasks)
    {
        _room.Update([Worker(SizeClass.L, slots)]);
        Take(Encode).ShouldBe(tasks);
    }

    [Fact]
    public void Workers_count_while_they_accept_work_for_the_models_and_stages_they_have()
    {
        var worker = Worker(SizeClass.L, 1);
        _room.Update([worker with { Accepting = false }]);
        Take(Encode).ShouldBe(0);
        _room.Update([worker, worker]);
        Take(Encode).ShouldBe(4);
        Take(Encode with { Model = new("kontext-tiny", "sha256:other") }).ShouldBe(0);
        Take(Pool(Stage.Decode, SizeClass.S)).ShouldBe(0);
        _room.Update([]);
        Take(Encode).ShouldBe(0);
    }

    [Fact]
    public void Sizes_share_the_workers_that_take_them()
    {
        _room.Update([Worker(SizeClass.L, 2), Worker(SizeClass.S, 2)]);
        // Three fit the large worker, and six are all there is room for.
        Take(Pool(Stage.Encode, SizeClass.L), most: 1).ShouldBe(1);
        Take(Pool(Stage.Encode, SizeClass.M)).ShouldBe(2);
        Take(Pool(Stage.Encode, SizeClass.L)).ShouldBe(0);
        Take(Pool(Stage.Encode, SizeClass.S)).ShouldBe(3);
    }

    [Fact]
    public void Small_tasks_leave_no_room_for_large_ones_where_the_large_worker_has_to_take_them()
    {
        _room.Update([Worker(SizeClass.L, 2), Worker(SizeClass.S, 2)]);
        Take(Pool(Stage.Encode, SizeClass.S), most: 4).ShouldBe(4);
        Take(Pool(Stage.Encode, SizeClass.L)).ShouldBe(2);
    }

    [Fact]
    public void Released_tasks_of_open_jobs_take_room_until_they_are_done()
    {
        _room.Update([Worker(SizeClass.L, 2)]);
        var job = Given.Job().Released(TaskId.Encode);
        _room.Update(job);
        _room.Update(job);
        Take(Encode, most: 2).ShouldBe(2);
        Take(Encode).ShouldBe(0);

        _room.Update(job.After(new Scheduling.Jobs.JobEvent.CancelRequested()));
        Take(Encode).ShouldBe(1);

        _room.Remove("test");
        Take(Encode).ShouldBe(3);
        _room.Remove("nobody");
    }

    [Fact]
    public void What_was_taken_for_a_job_counts_until_its_record_says_more()
    {
        _room.Update([Worker(SizeClass.L, 1)]);
        var job = Given.Job();
        _room.TryTake("job", Encode).ShouldBeTrue();
        _room.Update(job.Released(TaskId.Encode));
        Take(Encode, most: 1).ShouldBe(1);
        Take(Encode).ShouldBe(0);
        // It could not be released after all.
        _room.Update(job);
        Take(Encode).ShouldBe(1);
    }

    [Fact]
    public void There_is_room_exactly_while_every_task_finds_a_worker() =>
        Gen.Select(Gen.Select(Gen.Enum<SizeClass>(), Gen.Int[1, 3]).Array[0, 4], Gen.Enum<SizeClass>().Array[0, 20])
            .Sample(
                (workers, tasks) =>
                {
                    var room = new LaneRoom();
                    room.Update([.. workers.Select(worker => Worker(worker.Item1, worker.Item2))]);
                    List<SizeClass> taken = [];
                    foreach (var size in tasks)
                    {
                        var fits = Fits(workers, [.. taken, size]);
                        room.TryTake("test", Pool(Stage.Encode, size)).ShouldBe(fits);
                        if (fits)
                        {
                            taken.Add(size);
                        }
                    }
                },
                iter: 3000
            );

    /// <summary>The largest tasks first, each to any worker that takes it: the others of these would do no better for what is smaller.</summary>
    private static bool Fits((SizeClass Largest, int Slots)[] workers, List<SizeClass> tasks)
    {
        var places = workers
            .SelectMany(worker => Enumerable.Repeat(worker.Largest, worker.Slots + Math.Max(1, worker.Slots / 2)))
            .Order()
            .ToList();
        return tasks
            .OrderDescending()
            .All(task =>
            {
                var place = places.FindLastIndex(largest => largest >= task);
                if (place >= 0)
                {
                    places.RemoveAt(place);
                }
                return place >= 0;
            });
    }

    private int Take(LanePool pool, int most = int.MaxValue)
    {
        var taken = 0;
        while (taken < most && _room.TryTake("test", pool))
        {
            taken++;
        }
        return taken;
    }

    private static LanePool Pool(Stage stage, SizeClass size) => new(Given.Model, stage, size);

    private static WorkerProfile Worker(SizeClass largest, int slots) => Given.Profile(largest, (Stage.Encode, slots));
}
