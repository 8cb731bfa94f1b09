using Reft.Python.Runtime;
using Reft.Python.Syntax;

namespace Reft.Python.Nodes;

/// <summary>What a <c>def</c> or <c>lambda</c> says: its parameters, its body, its scope.</summary>
internal sealed class FunctionCode(string name, string prefix, Scope scope)
{
    public string Name => name;

    /// <summary>The name with the functions and classes around it, as messages show it.</summary>
    public string QualifiedName => prefix + name;

    public Scope Scope => scope;

    /// <summary>Names of the positional parameters, then of the named-only ones; these have the first slots.</summary>
    public List<string> Parameters { get; } = [];

    public int ParameterCount => Parameters.Count;

    public int PositionalCount { get; set; }

    /// <summary>How many of the first parameters cannot be given by name.</summary>
    public int PositionalOnlyCount { get; set; }

    public bool HasRest { get; set; }

    public bool HasMapping { get; set; }

    public Stmt? Body { get; set; }

    /// <summary>The body of a lambda.</summary>
    public Expr? Result { get; set; }

    public int RestSlot => ParameterCount;

    public int MappingSlot => ParameterCount + (HasRest ? 1 : 0);
}

/// <summary>Makes a function: evaluates its defaults and takes the cells it needs.</summary>
internal sealed class FunctionExpr(FunctionCode code, List<Expr?> defaults, string? doc) : Expr
{
    public override object Eval(Frame frame)
    {
        var values = new object?[defaults.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = defaults[i]?.Eval(frame);
        }

        var captured = code.Scope.Captured;
        var cells = captured.Count == 0 ? [] : new Cell[captured.Count];
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = (Cell)frame.Locals[captured[i].Outer.Index]!; // the resolver made it a cell
        }

        frame.Vm.Allocate(96);
        return new PyFunction(code, values, cells, frame.ClassCell, frame.Vm, doc);
    }
}

/// <summary>A function of the program.</summary>
internal sealed class PyFunction(
    FunctionCode code, object?[] defaults, Cell[] cells, Cell? classCell, Vm vm, string? doc) : PyObject
{
    private readonly long _identity = vm.NextIdentity();
    private Dictionary<string, object>? _attributes;

    public FunctionCode Code => code;

    public Cell? ClassCell => classCell;

    public override PyType Type => Types.Function;

    public override bool IsCallable => true;

    public override long Hash(Vm vm) => _identity;

    public override object? GetAttribute(Vm vm, string name)
    {
        if (_attributes is not null && _attributes.TryGetValue(name, out var value))
        {
            return value;
        }

        return name switch
        {
            "__name__" => code.Name,
            "__qualname__" => code.QualifiedName,
            "__doc__" => doc is null ? PyNone.Value : doc,
            _ => null,
        };
    }

    public override void SetAttribute(Vm vm, string name, object? value)
    {
        _attributes ??= new Dictionary<string, object>(StringComparer.Ordinal);
        if (value is null)
        {
            _attributes.Remove(name);
            return;
        }

        vm.Allocate(48);
        _attributes[name] = value;
    }

    public override object Call(Vm vm, Args args) =>
        args.Names is null ? CallWith(vm, args.Values) : Run(vm, Bind(vm, args));

    /// <summary>Calls with positional arguments only.</summary>
    public object CallWith(Vm vm, object[] values)
    {
        if (values.Length != code.PositionalCount || code.HasRest || code.HasMapping
            || code.PositionalCount != code.ParameterCount)
        {
            return Run(vm, Bind(vm, new Args(values)));
        }

        var locals = new object?[code.Scope.LocalCount];
        values.CopyTo(locals, 0);
        return Run(vm, locals);
    }

    private object Run(Vm vm, object?[] locals)
    {
        vm.Charge(2);
        if (code.Scope.HasYield)
        {
            vm.Allocate(256);
        }

        var frame = new Frame(vm, locals, this);
        foreach (var cell in code.Scope.Cells)
        {
            locals[cell.Index] = new Cell { Value = locals[cell.Index] };
        }

        var captured = code.Scope.Captured;
        for (var i = 0; i < cells.Length; i++)
        {
            locals[captured[i].Own.Index] = cells[i];
        }

        if (code.Scope.HasYield)
        {
            var steps = code.Scope.NeedsCoroutine ? new Coroutine(frame, code.Body!).Run(vm) : code.Body!.Walk(frame); // a def has a body
            return new PyGenerator(frame, steps.GetEnumerator());
        }

        vm.Enter();
        object result;
        if (code.Result is { } expression)
        {
            result = expression.Eval(frame);
        }
        else
        {
            code.Body!.Exec(frame); // a def has a body
            result = frame.Result;
        }

        vm.Leave();
        return result;
    }

    private object?[] Bind(Vm vm, Args args)
    {
        var locals = new object?[code.Scope.LocalCount];
        var count = args.Count;
        var direct = Math.Min(count, code.PositionalCount);
        Array.Copy(args.Values, locals, direct);
        if (code.HasRest)
        {
            vm.AllocateItems(count - direct);
            locals[code.RestSlot] = count > direct ? new PyTuple(args.Values[direct..count]) : PyTuple.Empty;
        }
        else if (count > code.PositionalCount)
        {
            throw TooMany(count);
        }

        PyDict? mapping = null;
        if (code.HasMapping)
        {
            locals[code.MappingSlot] = mapping = new PyDict();
        }

        for (var i = 0; i < (args.Names?.Length ?? 0); i++)
        {
            var name = args.Names![i]; // the loop runs only where there are names
            var index = code.Parameters.IndexOf(name);
            if (index >= code.PositionalOnlyCount)
            {
                if (locals[index] is not null)
                {
                    throw Err.Type($"{code.QualifiedName}() got multiple values for argument '{name}'");
                }

                locals[index] = args.Values[count + i];
            }
            else if (mapping is not null)
            {
                mapping.Set(vm, name, args.Values[count + i]);
            }
            else
            {
                throw Err.Type(
                    index >= 0
                        ? $"{code.QualifiedName}() got some positional-only arguments passed as keyword arguments: '{name}'"
                        : $"{code.QualifiedName}() got an unexpected keyword argument '{name}'");
            }
        }

        Fill(locals);
        return locals;
    }

    private void Fill(object?[] locals)
    {
        var missing = new List<string>();
        var missingNamed = new List<string>();
        for (var i = 0; i < code.ParameterCount; i++)
        {
            locals[i] ??= defaults[i];
            if (locals[i] is null)
            {
                (i < code.PositionalCount ? missing : missingNamed).Add($"'{code.Parameters[i]}'");
            }
        }

        if (missing.Count + missingNamed.Count > 0)
        {
            var (names, kind) = missing.Count > 0 ? (missing, "positional") : (missingNamed, "keyword-only");
            var list = names.Count switch
            {
                1 => names[0],
                2 => names[0] + " and " + names[1],
                _ => string.Join(", ", names.SkipLast(1)) + ", and " + names[^1],
            };
            throw Err.Type(FormattableString.Invariant(
                $"{code.QualifiedName}() missing {names.Count} required {kind} argument{(names.Count == 1 ? "" : "s")}: {list}"));
        }
    }

    private PyError TooMany(int given)
    {
        var optional = defaults.Take(code.PositionalCount).Count(d => d is not null);
        var takes = optional > 0
            ? FormattableString.Invariant($"from {code.PositionalCount - optional} to {code.PositionalCount}")
            : code.PositionalCount.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Err.Type(FormattableString.Invariant(
            $"{code.QualifiedName}() takes {takes} positional argument{(code.PositionalCount == 1 && optional == 0 ? "" : "s")} but {given} {(given == 1 ? "was" : "were")} given"));
    }
}
