using Reft.Python.Runtime;

namespace Reft.Python.Library.NumPy;

internal sealed class PyArray : PyObject
{
    public bool IsScalar => false;
    public object Item() => PyNone.Value;
    public override PyType Type => Types.Object;
}
