using Reft.Configuration;
using Reft.Configuration.Binding;

namespace Reft.Methods;

/// <summary>One option of a method, as a config says it.</summary>
/// <param name="Path">Its key, such as <c>ppo.kl.coefficient</c>.</param>
/// <param name="Default">Its default, as YAML writes it.</param>
/// <param name="Key">The key.</param>
internal sealed record MethodOption(string Path, string Default, ConfigKey Key)
{
    /// <summary>What it is, in a clause; empty where its record does not say.</summary>
    public string Meaning => Key.Option?.Meaning ?? "";

    /// <summary>What it may be; empty where every value is right.</summary>
    public string Range => string.Join("; ", new[]
    {
        Key.Type.IsEnum ? string.Join(", ", EnumNames.Of(Key.Type)) : Key.Option?.Range ?? "", Key.Option?.Note ?? "",
    }.Where(part => part.Length > 0));

    /// <summary>The same for a page, words as code.</summary>
    public string Words => Key.Type.IsEnum ? string.Join(", ", EnumNames.Of(Key.Type).Select(word => $"`{word}`")) : Range;

    /// <summary>What kind of value it has.</summary>
    public string TypeName => Key.Element is { } element ? $"list of {Kind(element)}" : Kind(Key.Type);

    /// <summary>Both, on one line.</summary>
    public string Help => Range.Length == 0 ? Meaning : Meaning.Length == 0 ? Range : $"{Meaning}; {Range}";

    /// <summary>The options of a section, those of sections within it among them.</summary>
    public static IEnumerable<MethodOption> Of(OptionsSection section) => Of(section.Default, section.Name);

    private static IEnumerable<MethodOption> Of(object record, string path) => ConfigKey.Of(record.GetType()).SelectMany(key =>
    {
        var (own, value) = (ConfigPath.Key(path, key.Name), key.Get(record));
        return value is not null && key.Element is null && ConfigKey.IsRecord(key.Type)
            ? Of(value, own)
            : [new MethodOption(own, key.IsRequired ? "required" : key.Element is null ? ConfigText.Scalar(value) : "[]", key)];
    });

    private static string Kind(Type type) => type.IsEnum ? "word"
        : type == typeof(string) ? "text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "number"
        : "whole number";
}
