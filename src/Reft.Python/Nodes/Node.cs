using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary>How a statement ended.</summary>
internal enum Signal : byte
{
    Next, Break, Continue, Return,
}

/// <summary>The slots of one running function, class body or module.</summary>
internal sealed class Frame(Vm vm, object?[] locals, PyFunction? function = null)
{
    public Vm Vm { get; } = vm;

    public object?[] Locals { get; } = locals;

    public PyFunction? Function { get; } = function;

    /// <summary>What <c>return</c> returned.</summary>
    public object Result { get; set; } = PyNone.Value;

    /// <summary>How the last statement of a generator ended.</summary>
    public Signal Signal { get; set; }

    /// <summary>What was sent into the generator.</summary>
    public object Sent { get; set; } = PyNone.Value;

    /// <summary>How many <c>finally</c> and <c>with</c> the function stands in.</summary>
    public int OpenCleanups { get; set; }

    /// <summary>What runs the generator, where it does not walk its statements.</summary>
    public Coroutine? Coroutine { get; set; }

    /// <summary>In a class body: where its functions will find the class.</summary>
    public Cell? ClassCell { get; init; }

    public List<string>? Annotated { get; init; }
}

/// <summary>A variable that functions share.</summary>
internal sealed class Cell
{
    public object? Value { get; set; }
}

/// <summary>An expression.</summary>
internal abstract class Expr
{
    public abstract object Eval(Frame frame);

    /// <summary>The expression is made of literals only.</summary>
    public virtual bool IsConstant => false;

    /// <summary>Whether CPython's compiler makes a constant of the expression.</summary>
    public virtual bool IsFolded(Frame frame) => IsConstant;

    public virtual bool IsTarget => false;

    public virtual void Assign(Frame frame, object value) => throw new InvalidOperationException("not a target");

    public virtual void Delete(Frame frame) => throw new InvalidOperationException("not a target");

    /// <summary>Reads the target, lets <paramref name="change"/> make the new value, and stores it.</summary>
    public virtual void Update(Frame frame, Func<object, object> change) =>
        throw new InvalidOperationException("not a target");
}

/// <summary>A statement.</summary>
internal abstract class Stmt
{
    /// <summary>The statement holds a <c>yield</c>, so a generator walks it instead of running it.</summary>
    public bool HasYield { get; set; }

    public abstract Signal Exec(Frame frame);

    /// <summary>Runs the statement in a generator: gives what it yields and leaves the signal in the frame.</summary>
    public virtual IEnumerable<object> Walk(Frame frame) =>
        throw new UnsupportedException("yield in this place");
}
