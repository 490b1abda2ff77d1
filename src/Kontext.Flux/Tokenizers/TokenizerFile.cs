using Kontext.Contracts;

namespace Kontext.Flux.Tokenizers;

/// <summary>Reads a vocabulary whole, and says what is wrong with one.</summary>
internal static class TokenizerFile
{
    /// <summary>The largest vocabulary in use is under 10 MB; anything far beyond is not one.</summary>
    private const long MostBytes = 64 << 20;

    /// <summary>The file's bytes.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ModelIncomplete"/> if it cannot be read, <see cref="ErrorCode.ModelCorrupt"/> if it is too
    /// large to be a vocabulary.
    /// </exception>
    public static byte[] Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MostBytes)
            {
                throw Corrupt(path, $"has {stream.Length} bytes, and no vocabulary has over {MostBytes}");
            }
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(
                ErrorCode.ModelIncomplete,
                $"The tokenizer file '{path}' cannot be read: {reason.Message}",
                reason
            );
        }
    }

    /// <summary>The failure for a file whose content is wrong.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong, as the end of a sentence that begins with the file.</param>
    /// <param name="inner">The cause, for logs.</param>
    public static KontextException Corrupt(string path, string reason, Exception? inner = null) =>
        new(ErrorCode.ModelCorrupt, $"The tokenizer file '{path}' {reason}.", inner);
}
