namespace Kontext.Storage.Checkups;

/// <summary>What the operating system says when a file may not grow.</summary>
internal static class DiskErrors
{
    // Of errno.h on Linux; Windows has a number of its own.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int FileTooLarge = 27;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Whether there was no room: the disk is full, or the user's share of it, or what a file of this process may be.</summary>
    public static bool IsFull(IOException error) =>
        error.HResult is NoSpace or QuotaExceeded or FileTooLarge or WindowsDiskFull;
}
