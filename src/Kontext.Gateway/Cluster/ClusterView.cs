using Kontext.Contracts.Tasks;

namespace Kontext.Gateway.Cluster;

/// <summary>The cluster as a person looks at it.</summary>
/// <param name="Board">The leader's board that it is made from; null while there has been no leader.</param>
/// <param name="Lanes">What waits and what runs; also lanes that are empty and have workers.</param>
/// <param name="Workers">The live workers.</param>
/// <param name="Tenants">Who has open jobs, or has used devices today; of a tenant that is no operator, itself only.</param>
public sealed record ClusterView(
    BoardView? Board,
    IReadOnlyList<LaneView> Lanes,
    IReadOnlyList<WorkerView> Workers,
    IReadOnlyList<TenantView> Tenants
);

/// <summary>How new it is.</summary>
/// <param name="Epoch">The leader's term.</param>
/// <param name="At">When the leader wrote it.</param>
/// <param name="AgeMs">How long ago that was, in milliseconds: much more than 1,000 and there is no leader.</param>
/// <param name="EtaError">
/// How far off the ends are that jobs are told at their acceptance, as a part of the time they take: the median of the last hundred
/// of the term; null before there is one.
/// </param>
public sealed record BoardView(long Epoch, DateTimeOffset At, double AgeMs, double? EtaError = null);

/// <summary>The lanes of one model, stage and size class, which differ in priority only.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Stage">The kind of work.</param>
/// <param name="Size">Its size class.</param>
/// <param name="Waiting">Tasks that wait.</param>
/// <param name="Released">Tasks that are with a worker, or on their way to one.</param>
/// <param name="OldestWaitMs">How long the first of those that wait has waited, in milliseconds.</param>
/// <param name="Workers">Live workers that take from it.</param>
/// <param name="Slots">Tasks that those can run at a time, in all lanes of that stage together.</param>
public sealed record LaneView(
    string Model,
    string Digest,
    Stage Stage,
    SizeClass Size,
    int Waiting,
    int Released,
    double OldestWaitMs,
    int Workers,
    int Slots
);

/// <summary>A live worker.</summary>
/// <param name="Id">Unique to one process.</param>
/// <param name="Host">Where it runs.</param>
/// <param name="Device">Kind of device with precision.</param>
/// <param name="MemoryBytes">Memory of the device, if known.</param>
/// <param name="Models">Names of the models that it has loaded.</param>
/// <param name="Stages">What it does.</param>
/// <param name="LargestSize">The largest size class that fits it.</param>
/// <param name="Accepting">False once it drains or has taken itself out.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Batches">Batch sizes it has learned, the largest first; null before it has.</param>
public sealed record WorkerView(
    string Id,
    string Host,
    string Device,
    long? MemoryBytes,
    IReadOnlyList<string> Models,
    IReadOnlyList<StageView> Stages,
    SizeClass LargestSize,
    bool Accepting,
    DateTimeOffset StartedAt,
    IReadOnlyList<BatchView>? Batches = null
);

/// <summary>How many samples of a shape share a step on a worker, as it has learned.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Shape">Tokens of text, image and contexts: <c>512-4096-4096</c>; <c>x2</c> with a negative prompt.</param>
/// <param name="Size">Samples that share a step.</param>
/// <param name="StepsPerSecond">Steps of single samples in a second at that size; null until it is measured.</param>
public sealed record BatchView(string Model, string Shape, int Size, double? StepsPerSecond = null);

/// <summary>A stage of a worker.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Slots">Tasks it takes at a time.</param>
/// <param name="Running">Tasks it runs, as of its latest beat; null if it does not say.</param>
/// <param name="MsPerStep">
/// Of denoise, what a step takes on its kind of device, in milliseconds: the median over the sizes of its models that have been
/// made on one; null as long as none has.
/// </param>
public sealed record StageView(Stage Stage, int Slots, int? Running, double? MsPerStep = null);

/// <summary>A tenant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Waiting">Jobs of which nothing has begun.</param>
/// <param name="Running">Jobs that have begun.</param>
/// <param name="DeviceMsToday">Device time charged to it since midnight (UTC), in milliseconds.</param>
/// <param name="Share">What part of everybody's device time of today that is, 0 to 1.</param>
/// <param name="RecentShare">The same of the last minutes, by the leader's board; 0 if it has had none.</param>
public sealed record TenantView(
    string Name,
    int Waiting,
    int Running,
    double DeviceMsToday,
    double Share,
    double RecentShare = 0
);
