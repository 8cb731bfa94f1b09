using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Reft.Methods;

namespace Reft.Configuration.Binding;

/// <summary>One key of a config record: a property of the record, or a section that a method brings along.</summary>
internal sealed record ConfigKey
{
    private readonly PropertyInfo _property;
    private readonly OptionsSection? _section;

    private ConfigKey(PropertyInfo property, NullabilityInfoContext nullability)
    {
        _property = property;
        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsNullable = nullability.Create(property).ReadState == NullabilityState.Nullable;
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        Unnamed = property.GetCustomAttribute<UnnamedAttribute>()?.Name;
        Element = Type.IsGenericType && Type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? Type.GetGenericArguments()[0]
            : null;
    }

    private ConfigKey(PropertyInfo property, OptionsSection section)
    {
        (_property, _section) = (property, section);
        (Name, Type) = (section.Name, section.Type);
    }

    /// <summary>Its name in YAML.</summary>
    public string Name { get; }

    /// <summary>The property's type; of a <c>Nullable</c> what it wraps.</summary>
    public Type Type { get; }

    /// <summary>Whether null is allowed and means absent.</summary>
    public bool IsNullable { get; }

    /// <summary>Whether the key must be given.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether it is a text that may be empty and have several lines.</summary>
    public bool IsFreeText => Option?.IsFreeText == true;

    /// <summary>What a list holds; null for everything else.</summary>
    public Type? Element { get; }

    /// <summary>What a section without a <c>type</c> is; null where there is no such form.</summary>
    public string? Unnamed { get; }

    /// <summary>What its record says of it; null for nothing.</summary>
    public OptionAttribute? Option => _section is null ? _property.GetCustomAttribute<OptionAttribute>() : null;

    /// <summary>The keys of a record, in the order of its properties; those that it inherits come first.</summary>
    /// <param name="record">The record's type.</param>
    /// <param name="catalog">The methods, whose sections are keys of a run's config; null for none of them.</param>
    public static IReadOnlyList<ConfigKey> Of(Type record, Catalog? catalog = null)
    {
        var nullability = new NullabilityInfoContext();
        return [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null && property.PropertyType != typeof(Catalog))
            .OrderByDescending(property => property.DeclaringType != record)
            .SelectMany(property => !IsOptions(property) ? [new ConfigKey(property, nullability)]
                : (catalog?.Sections ?? []).Select(section => new ConfigKey(property, section)))];
    }

    /// <summary>Whether a type is a record with keys of its own.</summary>
    public static bool IsRecord(Type type) => type.IsClass && type != typeof(string);

    /// <summary>Whether a type is a kind of thing that configs name (<see cref="INamed"/>).</summary>
    public static bool IsNamed(Type type) => type.IsInterface && type.IsAssignableTo(typeof(INamed));

    /// <summary>Where an item of this key's list stands: a list of the unnamed one alone is the section itself.</summary>
    /// <param name="path">The list.</param>
    /// <param name="items">What it holds.</param>
    /// <param name="index">The item.</param>
    public string ItemPath(string path, IReadOnlyList<object> items, int index) =>
        IsSection(items) ? path : ConfigPath.Item(path, index);

    /// <summary>Whether a list is written as a section: it holds the unnamed one alone.</summary>
    public bool IsSection(IReadOnlyList<object> items) => items is [INamed only] && IsUnnamed(only);

    /// <summary>Whether a thing is written without its name.</summary>
    public bool IsUnnamed(INamed named) => named.Name == Unnamed;

    /// <summary>A record with its defaults; what is required and must not be null is empty.</summary>
    public static object Blank(Type record)
    {
        var instance = Activator.CreateInstance(record)!; // Null only for Nullable types, and a record is a class.
        foreach (var key in Of(record).Where(key => key.IsRequired && !key.IsNullable && !key.Type.IsValueType))
        {
            key._property.SetValue(instance, key.BlankValue());
        }

        return instance;
    }

    /// <summary>The value in a record; null, if the key is a section of another method.</summary>
    public object? Get(object record) => _section is null || IsOwn(record) ? _property.GetValue(record) : null;

    /// <summary>The value in a blank record.</summary>
    public object? GetDefault(object blank) => _section is null ? _property.GetValue(blank) : _section.Default;

    /// <summary>Puts a value into a record; a section of another method is left alone.</summary>
    /// <returns>What is wrong with the value, which the record refuses; null for nothing.</returns>
    public string? Set(object record, object? value)
    {
        if (_section is null || IsOwn(record))
        {
            try
            {
                _property.SetValue(record, value, BindingFlags.DoNotWrapExceptions, null, null, null);
            }
            catch (ArgumentException error)
            {
                return error is OptionException own ? own.Fault : $"is refused: {OneLine.Of(error.Message)}";
            }
        }

        return null;
    }

    private static bool IsOptions(PropertyInfo property) =>
        property.DeclaringType == typeof(RunConfig) && property.Name == nameof(RunConfig.MethodOptions);

    private bool IsOwn(object record) => record is RunConfig config && config.Catalog.Find(config.Method)?.Options.Name == Name;

    private object? BlankValue() => Element is not null ? Array.CreateInstance(Element, 0)
        : Type == typeof(string) ? ""
        : IsNamed(Type) ? null // The catalog has them.
        : Blank(Type);
}
