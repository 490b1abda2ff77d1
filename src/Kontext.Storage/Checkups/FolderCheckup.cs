using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Storage.Objects;

namespace Kontext.Storage.Checkups;

/// <summary>Whether the folder that stands in for an object store takes files, and has room for more.</summary>
/// <param name="dataFolder">The folder of what is embedded.</param>
internal sealed class FolderCheckup(string dataFolder) : ICheckup
{
    /// <summary>Some hundred pictures with their latents: below it, work under way may not find room to end.</summary>
    private const long LeastFreeBytes = 256L << 20;

    /// <summary>A day of pictures: time to do something about it.</summary>
    private const long FewFreeBytes = 4L << 30;

    /// <inheritdoc/>
    public string Subject => "object folder";

    /// <inheritdoc/>
    public string Place => $"The disk of '{dataFolder}'";

    /// <inheritdoc/>
    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var store = new FolderObjectStore(FolderObjectStore.In(dataFolder));
            var free = new DriveInfo(dataFolder).AvailableFreeSpace;
            var latency = await ObjectRoundTrip.RunAsync(store, cancellationToken);
            return Judge(free) with { Latency = latency };
        }
        catch (KontextException error)
        {
            return Finding.Fault(error, Advice(error.InnerException));
        }
    }

    private Finding Judge(long free) =>
        free switch
        {
            < LeastFreeBytes => Finding.Fault(
                ErrorCode.ServiceUnavailable,
                $"The disk of '{dataFolder}' is full: {free >> 20} MiB are free, fewer than {LeastFreeBytes >> 20}.",
                MakeRoom
            ),
            < FewFreeBytes => Finding.Warning($"The disk of '{dataFolder}' has {free >> 20} MiB left.", MakeRoom),
            _ => Finding.Ok($"'{dataFolder}', {free >> 30} GiB free"),
        };

    private static string Advice(Exception? error) =>
        error switch
        {
            IOException full when DiskErrors.IsFull(full) => MakeRoom,
            UnauthorizedAccessException =>
                $"Let the user '{Environment.UserName}' write there, or give --data another folder.",
            _ => "Give --data a folder on a disk that works.",
        };

    private static string MakeRoom =>
        "Free space there, give --data a folder on another disk, or shorten Storage:Retention.";
}
