using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Methods and attributes of expressions.</summary>
internal static class SymMethods
{
    public static object Find(Vm vm, SymExpr self, string name)
    {
        switch (name)
        {
            case "p" or "numerator" when self is SymNumber number:
                return Ints.Box(number.P);
            case "q" or "denominator" when self is SymNumber number:
                return Ints.Box(number.Q);
            case "is_number":
                return Bools.Of(self.IsNumber);
            case "is_Integer":
                return Bools.Of(self is SymNumber { IsWhole: true });
            case "is_Rational":
                return Bools.Of(self is SymNumber);
            case "is_Float":
                return Bools.Of(self is SymFloat);
            case "is_Number":
                return Bools.Of(self.IsNumberNode);
            case "is_Symbol" or "is_symbol":
                return Bools.Of(self is SymSymbol);
            case "is_Add":
                return Bools.Of(self is SymAdd);
            case "is_Mul":
                return Bools.Of(self is SymMul);
            case "is_Pow":
                return Bools.Of(self is SymPow);
            case "is_commutative":
                return Bools.True;
            case "is_integer":
                return Maybe(SymAssume.IsInteger(vm, self));
            case "is_rational" when self is SymNumber:
                return Bools.True;
            case "is_real" when self is not SymConstant { IsInfinite: true }:
                return Maybe(SymAssume.IsReal(vm, self));
            case "is_positive":
                return Signed(vm, self, s => s > 0, SymAssume.IsNonNegative(vm, SymOps.Negate(vm, self)) == true ? false : null);
            case "is_negative":
                return Signed(vm, self, s => s < 0, SymAssume.IsNonNegative(vm, self) == true ? false : null);
            case "is_nonnegative":
                return Signed(vm, self, s => s >= 0, SymAssume.IsNonNegative(vm, self));
            case "is_zero":
                return Signed(vm, self, s => s == 0, self.IsNumber && SymAssume.IsReal(vm, self) == false ? false : null);
            case "is_finite" when self is SymNumber or SymFloat:
                return Bools.True;
            case "is_even" or "is_odd" when self is SymNumber number:
                return Bools.Of(number.IsWhole && number.P.IsEven == (name == "is_even"));
            case "is_prime" when self is SymNumber number:
                return Bools.Of(number.IsWhole && SymNumbers.IsPrime(vm, number.P));
            case "name" when self is SymSymbol symbol:
                return symbol.Name;
            case "free_symbols":
                return SymbolSet(vm, [self]);
            case "real" or "imag" when self is SymFloat or SymNumber:
                return name == "real" ? self : SymNumber.Zero;
            case "args" when self is SymSymbol or SymNumber or SymFloat or SymConstant:
                return PyTuple.Empty;
            case "args" when self is SymPow or SymFunction:
                return new PyTuple([.. self.Args]);
            default:
                return Method(self, name);
        }
    }

    public static PySet SymbolSet(Vm vm, IEnumerable<SymExpr> expressions)
    {
        var set = new PySet();
        foreach (var symbol in expressions.SelectMany(e => e.Symbols()).DistinctBy(s => s.Key))
        {
            set.Add(vm, symbol);
        }

        return set;
    }

    /// <summary>A function of other arguments, evaluated as if it were called.</summary>
    public static SymExpr Rebuild(Vm vm, SymFunction function, SymExpr[] args) => function.Name switch
    {
        "exp" => SymFunctions.Exp(vm, args[0]),
        "log" => SymFunctions.Log(vm, args[0]),
        "sin" or "cos" or "tan" => SymTrigonometry.Make(vm, function.Name, args[0]),
        "asin" or "acos" or "atan" => SymTrigonometry.Inverse(vm, function.Name, args[0]),
        "Abs" => SymFunctions.Abs(vm, args[0]),
        "floor" => SymFunctions.Floor(vm, args[0]),
        "ceiling" => SymFunctions.Ceiling(vm, args[0]),
        "factorial" => SymFunctions.Factorial(vm, args[0]),
        _ => throw new UnsupportedException($"sympy's {function.Name}"),
    };

    /// <summary>Evaluates to so many digits; up to 15 of them are a float's.</summary>
    public static SymExpr Evaluate(Vm vm, SymExpr value, object? digits)
    {
        var count = digits is null or PyNone ? 15 : Ops.ToLong(vm, digits);
        if (count is < 1 or > 15)
        {
            throw new UnsupportedException("evalf to more than 15 digits");
        }

        var bits = count == 15 ? SymFloat.UsualBits : SymPrinter.BitsOf((int)count);
        if (value.IsNumber)
        {
            return SymRational.Evaluated(vm, value, bits);
        }

        return count == 15 ? SymRational.ToFloats(vm, value) : throw new UnsupportedException("evalf of symbols to few digits");
    }

    private static NativeFunction Method(SymExpr self, string name) => name switch
    {
        "evalf" or "n" => new(name, 0, 1, (vm, args) => args.Named("subs") is { } subs
            ? Evaluate(vm, SymSubstitution.Apply(vm, self, new Args([subs])), args.At(0))
            : Evaluate(vm, self, args.At(0)), "subs"),
        "simplify" or "ratsimp" => new(name, 0, 0, (vm, _) => SymSimplify.Simplify(vm, self)),
        "expand" => new(name, 0, 0, (vm, _) => SymExpand.Expand(vm, self)),
        "factor" => new(name, 0, 0, (vm, _) => SymSimplify.Factor(vm, self)),
        "together" => new(name, 0, 0, (vm, _) => SymSimplify.Unsure(vm, SymFraction.Together(vm, self))),
        "cancel" => new(name, 0, 0, (vm, _) => SymSimplify.Simplify(vm, self)),
        "subs" => new(name, 1, 2, (vm, args) => SymSubstitution.Apply(vm, self, args)),
        "diff" => new(name, 0, 2, (vm, args) => SymPyModule.Differentiate(vm, args.Prepend(self))),
        "integrate" => new(name, 1, 1, (vm, args) => SymPyModule.Integrate(vm, args.Prepend(self))),
        "doit" => new(name, 0, 0, (_, _) => self),
        "conjugate" => new(name, 0, 0, (vm, _) => SymAssume.IsReal(vm, self) == true
            ? self
            : self.IsNumber && SymFunctions.Parts(vm, self) is var (re, im)
                ? SymOps.Subtract(vm, re, SymOps.Multiply(vm, SymConstant.I, im))
                : throw new UnsupportedException("conjugate of an expression")),
        "as_real_imag" => new(name, 0, 0, (vm, _) => SymFunctions.Parts(vm, self) is var (re, im) ? new PyTuple([re, im]) : PyNone.Value),
        "as_numer_denom" => new(name, 0, 0, (vm, _) => SymFraction.Of(vm, self) is var (top, bottom) ? new PyTuple([top, bottom]) : PyNone.Value),
        "has" => new(name, 1, 1, (_, args) => args[0] is SymSymbol symbol
            ? Bools.Of(self.Has(symbol))
            : throw new UnsupportedException("has of other than a symbol")),
        "coeff" => new(name, 1, 2, (vm, args) => Coefficient(vm, self, args)),
        "is_integer" => new(name, 0, 0, (_, _) => throw Err.Type("'bool' object is not callable")),
        "sqrt" or "is_square" => throw new UnsupportedException($"sympy's {name}"),
        "equals" => new(name, 1, 1, (vm, args) => SymExpr.Of(vm, args[0]) is { } other
            ? Bools.Of(SymPolynomial.IsZero(vm, SymFraction.Of(vm, SymOps.Subtract(vm, self, other)).Top))
            : throw new UnsupportedException("equals with other than an expression")),
        _ => throw new UnsupportedException($"sympy's {name}"),
    };

    private static SymExpr Coefficient(Vm vm, SymExpr self, Args args)
    {
        if (args[0] is not SymSymbol symbol)
        {
            throw new UnsupportedException("coeff of other than a symbol");
        }

        var power = args.At(1) is { } given ? Ops.ToLong(vm, given) : 1;
        // Sympy looks at the terms as they stand; expanded ones are the same where they are.
        if (SymExpand.Expand(vm, self).Key != self.Key || SymPolynomial.Coefficients(vm, self, symbol) is not { } coefficients)
        {
            throw new UnsupportedException("coeff of an expression that is not expanded");
        }

        return power >= 0 && power < coefficients.Count ? coefficients[(int)power] : SymNumber.Zero;
    }

    private static object Maybe(bool? known) => known is { } value ? Bools.Of(value) : PyNone.Value;

    private static object Signed(Vm vm, SymExpr self, Func<int, bool> test, bool? otherwise) =>
        SymAssume.Sign(vm, self) is { } sign ? Bools.Of(test(sign))
        : self.IsNumber && SymAssume.IsReal(vm, self) == false ? Bools.False
        : Maybe(otherwise);
}
