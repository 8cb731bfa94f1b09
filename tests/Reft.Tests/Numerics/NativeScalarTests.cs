using System.Reflection;
using System.Reflection.Emit;
using TorchSharp;

namespace Reft.Tests.Numerics;

/// <summary>
/// A native scalar must be held while libtorch reads it. Methods of TorchSharp that make one and let go of it are found in its code, and
/// ours must call none of them.
/// </summary>
public sealed class NativeScalarTests
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Dictionary<ushort, OpCode> Codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (ushort)code.Value);

    private static readonly Lazy<HashSet<MethodBase>> Unsafe = new(Find);

    [Theory]
    [InlineData("Reft", 2000)]
    [InlineData("Reft.Hosting", 200)]
    public void Methods_MakeNoScalarThatNobodyHolds(string assembly, int atLeast)
    {
        var methods = MethodsOf(Assembly.Load(assembly)).ToArray();

        var wrong = methods.Select(method => (Method: method, Calls: CallsOf(method).ToArray()))
            .Where(of => !HoldsItself(of.Method))
            .SelectMany(of => of.Calls.Where(call => Unsafe.Value.Contains(call) || (Makes(call) && !of.Calls.Any(Frees)))
                .Select(call => $"{of.Method.DeclaringType}.{of.Method.Name} calls {call.DeclaringType!.Name}.{call}"));

        Assert.Empty(wrong.Distinct());
        Assert.True(methods.Length > atLeast, $"only {methods.Length} methods were seen");
    }

    [Fact]
    public void Find_MethodsKnownToBeUnsafe_AreFound()
    {
        var names = Unsafe.Value.Select(method => method.ToString()).ToHashSet();

        // Once none is found any more, TensorArithmetic has no purpose left.
        Assert.Superset(
            new HashSet<string?>
            {
                typeof(torch.Tensor).GetMethod("add", [typeof(torch.Tensor)])!.ToString(),
                typeof(torch.Tensor).GetMethod("square", [])!.ToString(),
            },
            names);
    }

    private static HashSet<MethodBase> Find()
    {
        var calls = MethodsOf(typeof(Scalar).Assembly)
            .Where(method => !IsMaker(method.DeclaringType!))
            .ToDictionary(method => method, method => CallsOf(method).ToArray());
        var found = calls.Where(of => of.Value.Any(Makes) && !of.Value.Any(Frees)).Select(of => of.Key).ToHashSet();
        for (var before = 0; before != found.Count;)
        {
            // What calls such a method is one, and so on.
            before = found.Count;
            found.UnionWith(calls.Where(of => of.Value.Any(found.Contains)).Select(of => of.Key).ToArray());
        }

        return found;
    }

    /// <summary>Scripts are called with scalars that are made beforehand and freed afterwards: no bare number gets that far.</summary>
    private static bool HoldsItself(MethodBase method) => method.DeclaringType?.FullName == "Reft.Numerics.Backends.LibTorchScripts"
        && method.Name is "Invoke" or "Held";

    private static bool IsMaker(Type type) => type == typeof(Scalar) || type == typeof(ScalarExtensionMethods);

    private static bool Makes(MethodBase call) => call.DeclaringType is { } type && IsMaker(type)
        && (call.IsConstructor || call is MethodInfo { ReturnType: var made } && made == typeof(Scalar));

    private static bool Frees(MethodBase call) =>
        call.Name == nameof(IDisposable.Dispose) && (call.DeclaringType == typeof(Scalar) || call.DeclaringType == typeof(IDisposable));

    private static IEnumerable<MethodBase> MethodsOf(Assembly assembly)
    {
        Type[] types;
        try
        {
            types = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException partly)
        {
            types = [.. partly.Types.OfType<Type>()]; // TorchSharp's image readers need a library that is not there.
        }

        return types.SelectMany(type =>
        {
            try
            {
                return (MethodBase[])[.. type.GetMethods(Declared), .. type.GetConstructors(Declared)];
            }
            catch (FileNotFoundException)
            {
                return [];
            }
        });
    }

    /// <summary>What a method calls or refers to, in the order of its code.</summary>
    private static IEnumerable<MethodBase> CallsOf(MethodBase method)
    {
        var code = Code(method);
        for (var at = 0; at < code.Length;)
        {
            ushort value = code[at++];
            var operation = Codes[value == 0xFE ? (ushort)(0xFE00 | code[at++]) : value];
            if (operation.OperandType is OperandType.InlineMethod or OperandType.InlineTok
                && Resolve(method, BitConverter.ToInt32(code, at)) is { } called)
            {
                yield return called is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : called;
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static byte[] Code(MethodBase method)
    {
        try
        {
            return method.GetMethodBody()?.GetILAsByteArray() ?? [];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token)
    {
        try
        {
            return method.Module.ResolveMember(
                token,
                method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
                method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null) as MethodBase;
        }
        catch (Exception error) when (error is FileNotFoundException or TypeLoadException or MissingMethodException)
        {
            return null;
        }
    }
}
