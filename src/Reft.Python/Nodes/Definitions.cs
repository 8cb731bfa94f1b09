using Reft.Python.Runtime;
using Reft.Python.Syntax;

namespace Reft.Python.Nodes;

/// <summary><c>def</c> or <c>class</c> with its decorators.</summary>
internal sealed class DefinitionStmt(NameExpr target, Expr made, List<Expr> decorators) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        var functions = decorators.ConvertAll(d => d.Eval(frame));
        var value = made.Eval(frame);
        for (var i = functions.Count - 1; i >= 0; i--)
        {
            value = Ops.Call(frame.Vm, functions[i], value);
        }

        target.Assign(frame, value);
        return Signal.Next;
    }
}

/// <summary>Runs a class body and makes the class.</summary>
internal sealed class ClassExpr(string name, List<Expr> bases, Expr? metaclass, Block body, Scope scope) : Expr
{
    /// <summary>Looking up a name goes through all ancestors, so there may not be many.</summary>
    private const int MostAncestors = 60;

    public override object Eval(Frame frame)
    {
        var vm = frame.Vm;
        var ancestors = new List<PyType>();
        foreach (var expression in bases)
        {
            var ancestor = expression.Eval(frame) as PyType
                ?? throw new UnsupportedException($"class {name} with a base that is no plain class");
            if (!ancestor.IsClass && ancestor != Types.Object && !ancestor.IsException
                && ancestor != Types.List && ancestor != Types.Dict)
            {
                throw new UnsupportedException($"class that inherits from '{ancestor.Name}'");
            }

            if (ancestor != Types.Object)
            {
                ancestors.Add(ancestor);
            }
        }

        if (ancestors.Exists(a => a.Mro.Length > MostAncestors))
        {
            throw new UnsupportedException("class with more than 60 ancestors");
        }

        var cell = new Cell();
        var annotated = new List<string>();
        var inner = new Frame(vm, new object?[scope.LocalCount], frame.Function) { ClassCell = cell, Annotated = annotated };
        foreach (var (outer, own) in scope.Captured)
        {
            inner.Locals[own.Index] = frame.Locals[outer.Index];
        }

        vm.Enter();
        body.Exec(inner);
        vm.Leave();
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var symbol in scope.Symbols)
        {
            if (symbol.Kind == SymbolKind.Class && inner.Locals[symbol.Index] is { } value)
            {
                attributes[symbol.Name] = value;
            }
        }

        foreach (var special in (ReadOnlySpan<string>)["__new__", "__init_subclass__", "__getattribute__", "__set_name__", "__del__", "__call_", "__class_getitem__"])
        {
            if (attributes.ContainsKey(special))
            {
                throw new UnsupportedException($"class with {special}");
            }
        }

        if (attributes.ContainsKey("__eq__") && !attributes.ContainsKey("__hash__"))
        {
            attributes["__hash__"] = PyNone.Value;
        }

        vm.Allocate(1024 + (attributes.Count * 48));
        var type = new PyType(name, [.. ancestors], attributes);
        type.Annotated.AddRange(annotated);
        Refine(frame, type);
        cell.Value = type;
        if (Enumerations.Is(type))
        {
            Enumerations.Make(vm, type);
        }

        return type;
    }

    /// <summary>What a metaclass and ancestors that are no plain classes make of a class.</summary>
    private void Refine(Frame frame, PyType type)
    {
        var meta = metaclass?.Eval(frame);
        if (meta is not null and not PyType { Flavor: ClassFlavor.Abstract })
        {
            throw new UnsupportedException("metaclass other than ABCMeta");
        }

        if (meta is not null || Array.Exists(type.Mro, t => t.Flavor == ClassFlavor.Abstract || t.Abstract.Length > 0))
        {
            type.Abstract = Library.AbcModule.Find(frame.Vm, type);
        }

        if (Array.Exists(type.Mro, t => t == Types.List || t == Types.Dict)
            && type.Mro.Where(t => t.IsClass).SelectMany(t => t.Attributes!.Keys).FirstOrDefault(IsOperator) is { } special) // classes have them
        {
            throw new UnsupportedException($"class that inherits from a built-in one and has {special}");
        }
    }

    /// <summary>Whether the built-in code would have to look for the method in the class.</summary>
    private static bool IsOperator(string method) => method.StartsWith("__", StringComparison.Ordinal)
        && method is not ("__init__" or "__str__" or "__repr__" or "__module__" or "__qualname__" or "__doc__" or "__hash__");
}
