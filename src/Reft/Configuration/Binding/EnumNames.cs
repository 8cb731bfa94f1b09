using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reft.Configuration.Binding;

/// <summary>How the values of enums are written: as camelCase words, unless the value has a name of its own.</summary>
internal static class EnumNames
{
    /// <summary>The names of an enum's values, in their order.</summary>
    public static IReadOnlyList<string> Of(Type type) => [.. Enum.GetNames(type).Select(name => Written(type, name))];

    /// <summary>The name of a value.</summary>
    public static string Of(Enum value) => Written(value.GetType(), value.ToString());

    /// <summary>The value of a name; null if there is none.</summary>
    public static object? Parse(Type type, string text) =>
        Enum.GetNames(type).FirstOrDefault(name => Written(type, name) == text) is { } found
            ? Enum.Parse(type, found)
            : null;

    private static string Written(Type type, string name) =>
        type.GetField(name)?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
        ?? JsonNamingPolicy.CamelCase.ConvertName(name);
}
