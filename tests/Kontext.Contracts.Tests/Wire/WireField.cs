using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Kontext.Contracts.Tests.Wire;

/// <summary>A field of a JSON document, and what its type in C# says of it.</summary>
/// <param name="Path">The way to the object that has it: names and positions.</param>
/// <param name="Name">Its name.</param>
/// <param name="Owner">The type of that object.</param>
/// <param name="Property">The property; null for what tells subtypes apart.</param>
internal sealed record WireField(IReadOnlyList<object> Path, string Name, Type Owner, PropertyInfo? Property)
{
    private const string Kind = "kind";

    public Type Type =>
        Property is null ? typeof(string) : Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional =>
        Property is not null
        && Property.GetCustomAttribute<RequiredMemberAttribute>() is null
        && !Owner.GetConstructors().Any(constructor => constructor.GetParameters().Any(IsProperty));

    public bool MayBeNull =>
        Property is not null && new NullabilityInfoContext().Create(Property).WriteState == NullabilityState.Nullable;

    /// <summary>The properties that are written of a type.</summary>
    public static IEnumerable<PropertyInfo> Written(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null);

    /// <summary>Every field of a document.</summary>
    public static IEnumerable<WireField> Of(JsonNode? node, Type type) => Of(node, type, []);

    public JsonObject Parent(JsonNode root) =>
        Path.Aggregate(root, (node, step) => (step is int index ? node[index] : node[(string)step]).ShouldNotBeNull())
            .AsObject();

    public override string ToString() => string.Join('.', [.. Path, Name]);

    private static IEnumerable<WireField> Of(JsonNode? node, Type type, object[] path)
    {
        if (node is JsonArray array)
        {
            var element = type.GetGenericArguments().Single();
            return array.SelectMany((item, i) => Of(item, element, [.. path, i]));
        }
        if (node is not JsonObject json || type.IsAssignableTo(typeof(IEnumerable)) || type.Name.Contains("Dictionary"))
        {
            return [];
        }
        return OfObject(json, type, path);
    }

    private static IEnumerable<WireField> OfObject(JsonObject json, Type type, object[] path)
    {
        var subtypes = type.GetCustomAttributes<JsonDerivedTypeAttribute>().ToArray();
        if (subtypes.Length > 0)
        {
            var kind = json[Kind].ShouldNotBeNull().GetValue<string>();
            type = subtypes.Single(subtype => kind.Equals(subtype.TypeDiscriminator)).DerivedType;
            yield return new(path, Kind, type, null);
        }
        foreach (var property in Written(type))
        {
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            if (!json.ContainsKey(name))
            {
                continue;
            }
            yield return new(path, name, type, property);
            foreach (var field in Of(json[name], property.PropertyType, [.. path, name]))
            {
                yield return field;
            }
        }
    }

    private bool IsProperty(ParameterInfo parameter) => parameter.Name == Property?.Name && !parameter.HasDefaultValue;
}
