using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts;

/// <summary>A task's id as its text, for example <c>denoise.3</c>.</summary>
internal sealed class TaskIdConverter : JsonConverter<TaskId>
{
    public override TaskId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return TaskId.Parse(reader.GetString() ?? "");
        }
        catch (FormatException error)
        {
            throw new JsonException(error.Message, error);
        }
    }

    public override void Write(Utf8JsonWriter writer, TaskId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
