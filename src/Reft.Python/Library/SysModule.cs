using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>Of the module <c>sys</c>: the recursion limit, <c>exit</c> and the limits of numbers.</summary>
internal static class SysModule
{
    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            new NativeFunction("setrecursionlimit", 1, 1, (vm, args) =>
            {
                var limit = Ops.ToLong(vm, args[0]);
                if (limit < 1)
                {
                    throw Err.Value("recursion limit must be greater or equal than 1");
                }

                vm.RecursionLimit = limit;
                return PyNone.Value;
            }),
            new NativeFunction("getrecursionlimit", 0, 0, (vm, _) => Ints.Box(vm.RecursionLimit)),
            new NativeFunction("exit", 0, 1, (_, args) => throw Err.Make(ExceptionTypes.SystemExit, args.Positional)));
        members["maxsize"] = long.MaxValue;
        members["byteorder"] = "little";
        return members;
    }
}
