using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Reft.Training;

namespace Reft.Tests;

/// <summary>The libraries' public surface, as it was last agreed on.</summary>
public sealed class PublicApiTests
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void PublicSurface_EqualsTheSnapshot()
    {
        var path = Path.Combine(ArchitectureTests.Repository(), "tests", "Reft.Tests", "PublicApi.txt");
        var actual = Describe();
        if (Environment.GetEnvironmentVariable("REFT_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, actual);
        }

        var expected = File.ReadAllText(path);

        var (had, has) = (expected.Split('\n'), actual.Split('\n'));
        Assert.True(
            expected == actual,
            "the public surface changed; if that is meant, run the tests once with REFT_UPDATE_SNAPSHOTS=1 and commit "
            + $"PublicApi.txt\ngone: {string.Join("; ", had.Except(has))}\nnew: {string.Join("; ", has.Except(had))}");
    }

    private static string Describe()
    {
        var text = new StringBuilder();
        Assembly[] libraries =
        [
            typeof(InputException).Assembly, typeof(Reft.Python.ManagedEngine).Assembly, typeof(Trainer).Assembly,
            typeof(Reft.Chat.ReftChatClient).Assembly, typeof(Reft.Server.ServerOptions).Assembly,
            typeof(Reft.Hosting.ReftHost).Assembly,
        ];
        foreach (var type in libraries.SelectMany(l => l.GetExportedTypes()).OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(type.FullName).Append('\n');
            var members = type.GetMembers(Own).Where(IsVisible).Select(Describe).Distinct().Order(StringComparer.Ordinal);
            foreach (var member in members)
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static bool IsVisible(MemberInfo member) =>
        !member.IsDefined(typeof(CompilerGeneratedAttribute)) && member switch
        {
            MethodBase method => (method.IsPublic || method.IsFamily) && (!method.IsSpecialName || method.IsConstructor)
                && method.Name is not "Finalize",
            FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
            PropertyInfo property => property.GetAccessors().Length > 0,
            _ => false,
        };

    private static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        FieldInfo field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}",
        PropertyInfo property => $"{Name(property.PropertyType)} {property.Name} {{ {Accessors(property)} }}",
        _ => throw new ArgumentOutOfRangeException(nameof(member), member.Name, "not described"),
    };

    private static string Accessors(PropertyInfo property) => string.Join(" ", property.GetAccessors().Select(a =>
        a == property.GetMethod ? "get;"
        : a.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init;" : "set;"));

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}"));

    private static string Name(Type type)
    {
        if (type.IsGenericType)
        {
            return $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        }

        return type.HasElementType && type.IsArray ? Name(type.GetElementType()!) + "[]" : type.Name;
    }
}
