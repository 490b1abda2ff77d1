namespace Kontext.Storage.Jobs;

/// <summary>What became of a save.</summary>
public enum SaveResult
{
    /// <summary>It is stored.</summary>
    Saved,

    /// <summary>Another term has begun, or Redis has lost this one: the writer must drop what it remembers.</summary>
    Deposed,

    /// <summary>The stored version is another than expected. Within a term this cannot happen.</summary>
    Conflict,
}
