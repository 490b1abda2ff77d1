namespace Kontext.Cli.Telemetry;

/// <summary>How logs are written on the console.</summary>
internal enum LogForm
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object a line, with everything that the message names, and the ids of trace, job and task.</summary>
    Json,
}
