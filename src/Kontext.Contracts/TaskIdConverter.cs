using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts;

/// <summary>A task's id as its text, for example <c>denoise.3</c>.</summary>
internal sealed class TaskIdConverter : JsonConverter<TaskId>
{
    public override TaskId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString() ?? "";
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return
            dot > 0
            && Enum.TryParse<Stage>(text.AsSpan(0, dot), ignoreCase: true, out var stage)
            && int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sample)
            && new TaskId(stage, sample) is var task
            // One task has one text: no stage by number, no capitals, no zeros in front.
            && task.ToString() == text
            && Enum.IsDefined(stage)
            ? task
            : throw new JsonException($"'{text}' is no task.");
    }

    public override void Write(Utf8JsonWriter writer, TaskId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
