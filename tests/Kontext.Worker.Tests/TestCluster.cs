using System.Security.Cryptography;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Images;
using Kontext.Servers;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Worker.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Worker.Tests;

/// <summary>What the rest of the cluster does for workers, by hand: opens jobs, sends tasks, hears reports.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly List<WorkerHost> _workers = [];
    private readonly TinyModel _model;
    private RedisServer? _server;
    private long? _epoch;

    public TestCluster(TinyModel model, string? redis = null, string? broker = null)
    {
        _model = model;
        Redis = redis;
        Broker = broker;
        DataFolder = Directory.CreateTempSubdirectory("kontext-worker-").FullName;
    }

    /// <summary>A cluster with a Redis of its own: there is one leader of a Redis, and each test is one.</summary>
    public static async Task<TestCluster> OnRedisAsync(TinyModel model, string? broker = null)
    {
        var server = await RedisServer.StartNewAsync();
        return new(model, server.ConnectionString, broker) { _server = server };
    }

    public string? Redis { get; }

    public string? Broker { get; }

    public string DataFolder { get; }

    public TinyModel Model => _model;

    public ModelRef ModelRef => LoadedModels.RefOf(_model.Bundle);

    public Reports Reports { get; } = new();

    private WorkerHost Any => _workers[0];

    public IObjectStore Objects => Any.Get<IObjectStore>();

    public Claims Claims => Any.Get<Claims>();

    /// <summary>A worker of one process of its own.</summary>
    public async Task<WorkerHost> StartWorkerAsync(
        Func<WorkerOptions, WorkerOptions>? change = null,
        Action<IServiceCollection>? register = null
    )
    {
        var worker = WorkerHost.Create(this, change ?? (options => options), register ?? (_ => { }));
        _workers.Add(worker);
        await worker.StartAsync();
        return worker;
    }

    /// <summary>A job that edits the picture, open in the records.</summary>
    public async Task<JobRecord> OpenJobAsync(
        string prompt = "make the background pink",
        int steps = 8,
        long seed = 7,
        DateTimeOffset? deadline = null,
        Priority priority = Priority.Standard,
        string tenant = "tenant"
    )
    {
        var bytes = _model.Picture;
        var image = ImageDecoder.Decode(bytes);
        var name = ObjectNames.Input(Guid.NewGuid().ToString("N"), 0);
        await Objects.PutAsync(name, bytes, "image/png", Token);
        var digest = Convert.ToHexStringLower(SHA256.HashData(image.Pixels));
        return await SaveAsync(
            new()
            {
                Spec = new()
                {
                    Id = Guid.NewGuid().ToString("N"),
                    Tenant = tenant,
                    Model = ModelRef,
                    Prompt = prompt,
                    Contexts = [new PixelContext(name, digest, image.Width, image.Height)],
                    Width = image.Width,
                    Height = image.Height,
                    Steps = steps,
                    Guidance = 2.5f,
                    Seed = seed,
                    Count = 1,
                    Format = "png",
                    Priority = priority,
                    Deadline = deadline,
                    AcceptedAt = DateTimeOffset.UtcNow,
                },
                Encode = new(),
                Samples = [new(new(), new())],
            }
        );
    }

    /// <summary>Saves the next version of a record.</summary>
    public async Task<JobRecord> SaveAsync(JobRecord record)
    {
        var records = Any.Get<JobRecords>();
        _epoch ??= await records.OpenTermAsync(Token);
        var next = record with { Version = record.Version + 1 };
        (await records.SaveAsync(_epoch.Value, next, chargeMs: 0, Token)).ShouldBe(SaveResult.Saved);
        return next;
    }

    /// <summary>Opens a job again in a new term, for a Redis that knows neither.</summary>
    public Task<JobRecord> ReopenAsync(JobRecord record)
    {
        _epoch = null;
        return SaveAsync(record with { Version = 0 });
    }

    public static StageTask Encode(JobRecord job, int run = 1) =>
        Task(job, TaskId.Encode, new EncodeWork(job.Spec.Prompt, job.Spec.NegativePrompt, job.Spec.Contexts), run);

    public static StageTask Denoise(JobRecord job, EncodeOutput encoded, int run = 1)
    {
        var spec = job.Spec;
        var work = new DenoiseWork(
            encoded,
            spec.Contexts,
            spec.Width,
            spec.Height,
            spec.Steps,
            spec.Guidance,
            spec.TrueCfgScale,
            spec.Seed
        );
        return Task(job, new(Stage.Denoise, 0), work, run);
    }

    public static StageTask Decode(JobRecord job, DenoiseOutput denoised, int run = 1)
    {
        var spec = job.Spec;
        var work = new DecodeWork(denoised, spec.Width, spec.Height, spec.Format, spec.Seed, Edited: true);
        return Task(job, new(Stage.Decode, 0), work, run);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }
        if (_server is { } server)
        {
            await server.DisposeAsync();
        }
        Directory.Delete(DataFolder, recursive: true);
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    private static StageTask Task(JobRecord job, TaskId task, StageWork work, int run) =>
        new()
        {
            Job = job.Spec.Id,
            Tenant = job.Spec.Tenant,
            Task = task,
            Run = run,
            Model = job.Spec.Model,
            Priority = job.Spec.Priority,
            Deadline = job.Spec.Deadline,
            Work = work,
        };
}
