using System.Collections;
using System.Reflection;

namespace Reft.Supervision;

/// <summary>
/// What an options record says of its values together, by <c>IEnumerable&lt;string&gt; Validate(string path)</c>. Single values are refused where they
/// are set (<see cref="InRange"/>); values together cannot be, since one is set after the other, so whoever takes the record asks here.
/// </summary>
internal static class Whole
{
    /// <summary>The record, if nothing is wrong with it and with the records in it.</summary>
    /// <param name="options">The record.</param>
    /// <param name="path">What messages call it; empty for its keys alone.</param>
    /// <exception cref="InputException">Something is; the message lists all of it.</exception>
    public static T Of<T>(T options, string path = "")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(path);
        var faults = Faults(options, path).Distinct().ToArray();
        return faults.Length == 0 ? options : throw new InputException(string.Join("; ", faults));
    }

    /// <summary>What a record's own <c>Validate</c> says.</summary>
    internal static IEnumerable<string> Own(object record, string path) => (IEnumerable<string>?)record.GetType()
        .GetMethod("Validate", BindingFlags.Public | BindingFlags.Instance, [typeof(string)])?.Invoke(record, [path]) ?? [];

    private static IEnumerable<string> Faults(object record, string path) => Own(record, path)
        .Select(fault => path.Length == 0 ? fault.TrimStart('.') : fault)
        .Concat(record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null && property.GetIndexParameters().Length == 0 && IsOptions(property.PropertyType))
            .SelectMany(property => Inner(property.GetValue(record), Path(path, property.Name))));

    private static IEnumerable<string> Inner(object? value, string path) => value switch
    {
        null => [],
        IEnumerable items => items.Cast<object>().SelectMany((item, i) => Faults(item, FormattableString.Invariant($"{path}[{i}]"))),
        _ => Faults(value, path),
    };

    /// <summary>Records of options, named things and lists of these; all else is no option, or one value.</summary>
    private static bool IsOptions(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        ? IsOptions(type.GetGenericArguments()[0])
        : type.IsAssignableTo(typeof(INamed)) || type.GetMethod("<Clone>$") is not null;

    private static string Path(string path, string name) =>
        (path.Length == 0 ? "" : path + ".") + char.ToLowerInvariant(name[0]) + name[1..];
}
