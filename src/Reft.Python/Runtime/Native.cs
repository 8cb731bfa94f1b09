namespace Reft.Python.Runtime;

internal delegate object NativeCall(Vm vm, Args args);

internal delegate object MethodCall(Vm vm, object self, Args args);

/// <summary>A function of the library: how many arguments it takes, which names, and its body.</summary>
internal sealed class NativeFunction(string name, int min, int max, NativeCall call, params string[] names) : PyObject
{
    public string Name { get; } = name;

    public override PyType Type => Types.BuiltinFunction;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args)
    {
        vm.Tick();
        Signature.Check(Name, args, min, max, names);
        return call(vm, args);
    }

    public override object? GetAttribute(Vm vm, string name) =>
        name is "__name__" or "__qualname__" ? Name : null;

    public override string Repr(Vm vm) => $"<built-in function {Name}>";
}

/// <summary>A method of a built-in type.</summary>
internal sealed class NativeMethod(string name, int min, int max, MethodCall call, params string[] names)
{
    public string Name { get; } = name;

    public object Call(Vm vm, object self, Args args)
    {
        // Nearly every method of a string looks through it.
        vm.Charge(self is string text ? 1 + (text.Length >> 7) : 1);
        Signature.Check(Name, args, min, max, names);
        return call(vm, self, args);
    }
}

internal static class Signature
{
    public static void Check(string function, Args args, int min, int max, string[] names)
    {
        if (args.Names is not null)
        {
            foreach (var name in args.Names)
            {
                if (names.Length == 0 || (names[0] != "**" && Array.IndexOf(names, name) < 0))
                {
                    // Python may know it: then its TypeError, which a program can catch, would be a lie.
                    throw new UnsupportedException($"argument '{name}' of {function}()");
                }
            }
        }

        var count = args.Count;
        var total = names.Length > 0 && names[0] == "**" ? count : args.Values.Length;
        if (total < min)
        {
            throw Err.Type(
                FormattableString.Invariant($"{function}() takes at least {min} arguments ({count} given)"));
        }

        if (count > max)
        {
            throw new UnsupportedException(FormattableString.Invariant($"{function}() with {count} arguments"));
        }
    }
}

/// <summary>A method of a built-in type taken from its object: <c>items.append</c>.</summary>
internal sealed class BoundNative(object self, NativeMethod method) : PyObject
{
    public override PyType Type => Types.BuiltinFunction;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args) => method.Call(vm, self, args);

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "__name__" => method.Name,
        "__self__" => self,
        _ => null,
    };

    public override bool? EqualTo(Vm vm, object other) => ReferenceEquals(this, other);

    public override string Repr(Vm vm) => $"<built-in method {method.Name} of {Types.Of(self).Name} object>";
}

/// <summary>A method of a built-in type taken from the type: <c>str.upper</c>.</summary>
internal sealed class UnboundNative(PyType owner, NativeMethod method) : PyObject
{
    public override PyType Type => Types.BuiltinFunction;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args)
    {
        if (args.Count == 0 || !Types.Of(args[0]).IsSubtypeOf(owner))
        {
            throw Err.Type($"descriptor '{method.Name}' for '{owner.Name}' objects doesn't apply");
        }

        return method.Call(vm, args[0], args.Skip(1));
    }

    public override object? GetAttribute(Vm vm, string name) => name == "__name__" ? method.Name : null;
}
