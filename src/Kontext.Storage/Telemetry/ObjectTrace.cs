using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Telemetry;

namespace Kontext.Storage.Telemetry;

/// <summary>What object stores show in a job's trace. Of a name only its folder: names say more than there are kinds of.</summary>
internal static class ObjectTrace
{
    /// <summary>An object is stored.</summary>
    public static async Task PutAsync(string name, int bytes, Func<Task> put)
    {
        using var span = Begin(SpanName.ObjectPut, name)?.SetTag(SpanAttribute.Bytes, bytes);
        try
        {
            await put();
        }
        catch (KontextException error)
        {
            span.Fail(error);
            throw;
        }
    }

    /// <summary>An object is fetched.</summary>
    public static async Task<byte[]?> ReadAsync(string name, Func<Task<byte[]?>> read)
    {
        using var span = Begin(SpanName.ObjectGet, name);
        try
        {
            var content = await read();
            span?.SetTag(SpanAttribute.Bytes, content?.Length);
            return content;
        }
        catch (KontextException error)
        {
            span.Fail(error);
            throw;
        }
    }

    private static Activity? Begin(string span, string name) =>
        JobTrace.Part(span, ActivityKind.Client)?.SetTag(SpanAttribute.ObjectKind, name.Split('/')[0]);
}
