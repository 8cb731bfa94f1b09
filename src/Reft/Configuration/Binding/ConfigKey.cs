using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Reft.Configuration.Binding;

/// <summary>One key of a config record, read from the record's property.</summary>
internal sealed record ConfigKey
{
    private ConfigKey(PropertyInfo property, NullabilityInfoContext nullability)
    {
        Property = property;
        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsNullable = nullability.Create(property).ReadState == NullabilityState.Nullable;
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        Element = Type.IsGenericType && Type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? Type.GetGenericArguments()[0]
            : null;
    }

    /// <summary>The property.</summary>
    public PropertyInfo Property { get; }

    /// <summary>Its name in YAML.</summary>
    public string Name { get; }

    /// <summary>The property's type; of a <c>Nullable</c> what it wraps.</summary>
    public Type Type { get; }

    /// <summary>Whether null is allowed and means absent.</summary>
    public bool IsNullable { get; }

    /// <summary>Whether the key must be given.</summary>
    public bool IsRequired { get; }

    /// <summary>What a list holds; null for everything else.</summary>
    public Type? Element { get; }

    /// <summary>The keys of a record, in the order of its properties.</summary>
    public static IReadOnlyList<ConfigKey> Of(Type record)
    {
        var nullability = new NullabilityInfoContext();
        return [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null)
            .Select(property => new ConfigKey(property, nullability))];
    }

    /// <summary>Whether a type is a record with keys of its own.</summary>
    public static bool IsRecord(Type type) => type.IsClass && type != typeof(string);

    /// <summary>A record with its defaults; what is required and must not be null is empty.</summary>
    public static object Blank(Type record)
    {
        var instance = Activator.CreateInstance(record)!; // Null only for Nullable types, and a record is a class.
        foreach (var key in Of(record).Where(key => key.IsRequired && !key.IsNullable))
        {
            key.Property.SetValue(instance, key.BlankValue());
        }

        return instance;
    }

    private object? BlankValue() => Element is not null ? Array.CreateInstance(Element, 0)
        : Type == typeof(string) ? ""
        : IsRecord(Type) ? Blank(Type)
        : Activator.CreateInstance(Type);
}
