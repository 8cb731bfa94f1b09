#pragma warning disable
using System.Numerics;
using Reft.Verification.Programs.Runtime;
namespace Reft.Verification.Programs.Library
{
    internal static class StatisticsModule { public static Dictionary<string, object>? Create() => null; }
    internal static class DateTimeModule { public static Dictionary<string, object>? Create() => null; }
    internal static class DecimalModule { public static Dictionary<string, object>? Create() => null; }
    internal sealed class PyTimeDelta : PyObject { public override PyType Type => Types.Object; public PyTimeDelta Abs() => this; }
    internal sealed class PyDecimal : PyObject
    {
        public override PyType Type => Types.Object; public bool IsFinite => true;
        public object Round(Vm vm, long? d) => this; public PyDecimal Abs(Vm vm) => this; public PyFraction ToFraction(Vm vm) => new(0, 1);
    }
}
namespace Reft.Verification.Programs.Library.SymPy
{
    internal static class SymPyModule { public static Dictionary<string, object>? Create() => null; }
    internal sealed class SymExpr : PyObject { public override PyType Type => Types.Object; public SymExpr Abs() => this; public PyFraction? Rational => null; }
}
