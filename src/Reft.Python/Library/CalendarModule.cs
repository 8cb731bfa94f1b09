using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>Of the module <c>calendar</c>: leap years, weekdays, lengths and names of months.</summary>
internal static class CalendarModule
{
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] Months =
    [
        "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            new NativeFunction("isleap", 1, 1, (vm, args) => Bools.Of(IsLeap(Ops.ToLong(vm, args[0])))),
            new NativeFunction("leapdays", 2, 2, (vm, args) =>
                Ints.Box(LeapsBefore(Ops.ToLong(vm, args[1])) - LeapsBefore(Ops.ToLong(vm, args[0])))),
            new NativeFunction("weekday", 3, 3, (vm, args) =>
                Ints.Box(Weekday(Year(vm, args[0]), Month(vm, args[1]), (int)Ops.ToLong(vm, args[2])))),
            new NativeFunction("monthrange", 2, 2, (vm, args) => Year(vm, args[0]) is var year && Month(vm, args[1]) is var month
                ? new PyTuple([Ints.Box(Weekday(year, month, 1)), Ints.Box(DateTime.DaysInMonth(year, month))])
                : PyNone.Value));
        for (var i = 0; i < Days.Length; i++)
        {
            members[Days[i].ToUpperInvariant()] = Ints.Box(i);
        }

        members["day_name"] = Names(Days, int.MaxValue);
        members["day_abbr"] = Names(Days, 3);
        members["month_name"] = Names(Months, int.MaxValue);
        members["month_abbr"] = Names(Months, 3);
        return members;
    }

    /// <summary>A fixed sequence; Python has a class of its own for it, whose text shows an address.</summary>
    private static PyTuple Names(string[] names, int length) => new([.. names.Select(n => (object)n[..Math.Min(length, n.Length)])]);

    private static bool IsLeap(long year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    private static long LeapsBefore(long year) => FloorDiv(year - 1, 4) - FloorDiv(year - 1, 100) + FloorDiv(year - 1, 400);

    private static long FloorDiv(long a, long b) => (a - (((a % b) + b) % b)) / b;

    private static int Year(Vm vm, object value) => Ops.ToLong(vm, value) is >= 1 and <= 9999 and var year
        ? (int)year
        : throw new UnsupportedException("calendar of years outside 1 to 9999");

    private static int Month(Vm vm, object value) => Ops.ToLong(vm, value) is >= 1 and <= 12 and var month
        ? (int)month
        : throw Err.Value("bad month number; must be 1-12");

    private static int Weekday(int year, int month, int day) => day >= 1 && day <= DateTime.DaysInMonth(year, month)
        ? ((int)new DateTime(year, month, day).DayOfWeek + 6) % 7
        : throw Err.Value("day is out of range for month");
}

/// <summary>The module <c>dateutil.relativedelta</c>: differences in years and months.</summary>
internal static class RelativeDeltaModule
{
    private static readonly PyType DeltaType = new("relativedelta", Make) { Module = "dateutil.relativedelta" };

    private static readonly string[] Relative =
        ["years", "months", "days", "leapdays", "weeks", "hours", "minutes", "seconds", "microseconds"];

    public static Dictionary<string, object> Create() => new(StringComparer.Ordinal) { ["relativedelta"] = DeltaType };

    private static object Make(Vm vm, PyType type, Args args)
    {
        Signature.Check("relativedelta", args, 0, 2, [.. Relative, "dt1", "dt2"]);
        if (args.At(0, "dt1") is { } first)
        {
            return first is PyDateTime a && args.At(1, "dt2") is PyDateTime b && (args.Names?.All(n => n is "dt1" or "dt2") ?? true)
                ? Between(a, b)
                : throw new UnsupportedException("relativedelta with these arguments");
        }

        long Of(string name) => args.Named(name) is { } value ? Ops.ToLong(vm, value) : 0;
        return Of("leapdays") != 0 || Of("years") * Of("months") < 0
            ? throw new UnsupportedException("relativedelta with leapdays, or with years and months of different signs")
            : new PyRelativeDelta(
                (Of("years") * 12) + Of("months"),
                Of("days") + (Of("weeks") * 7),
                (((((Of("hours") * 60) + Of("minutes")) * 60) + Of("seconds")) * 1_000_000) + Of("microseconds"));
    }

    /// <summary>The months that fit between two times, and what then remains.</summary>
    private static PyRelativeDelta Between(PyDateTime a, PyDateTime b)
    {
        var months = ((a.Value.Year - b.Value.Year) * 12L) + a.Value.Month - b.Value.Month;
        var from = b.Value.AddMonths((int)months);
        if (a.Value < b.Value)
        {
            while (from < a.Value)
            {
                from = b.Value.AddMonths((int)++months);
            }
        }
        else
        {
            while (from > a.Value)
            {
                from = b.Value.AddMonths((int)--months);
            }
        }

        var micros = (a.Value - from).Ticks / 10;
        const long Day = 86_400_000_000;
        return new PyRelativeDelta(months, micros / Day, micros % Day);
    }

    private sealed class PyRelativeDelta : PyObject
    {
        private const long Day = 86_400_000_000;

        private readonly long _months;
        private readonly long _days;
        private readonly long _micros;

        /// <summary>Whole days of the time go to the days, as dateutil normalizes.</summary>
        public PyRelativeDelta(long months, long days, long micros)
        {
            _months = months;
            _days = checked(days + (micros / Day));
            _micros = micros % Day;
        }

        public override PyType Type => DeltaType;

        public override object? GetAttribute(Vm vm, string name) => name switch
        {
            "years" => Ints.Box(_months / 12),
            "months" => Ints.Box(_months % 12),
            "days" => Ints.Box(_days),
            "weeks" => Ints.Box(_days / 7),
            "hours" => Ints.Box(_micros / 3_600_000_000),
            "minutes" => Ints.Box(_micros / 60_000_000 % 60),
            "seconds" => Ints.Box(_micros / 1_000_000 % 60),
            "microseconds" => Ints.Box(_micros % 1_000_000),
            _ => throw new UnsupportedException($"relativedelta's {name}"),
        };

        public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
        {
            var sign = op == BinaryOp.Subtract ? -1 : 1;
            switch (other)
            {
                case PyDateTime time when (op == BinaryOp.Add || (op == BinaryOp.Subtract && reflected))
                    && Math.Abs(_months) < 120_000 && Math.Abs(_days) < 4_000_000:
                    try
                    {
                        var moved = time.Value.AddMonths((int)(sign * _months)).AddDays(sign * _days).AddTicks(sign * _micros * 10);
                        return new PyDateTime(moved, time.HasTime || _micros != 0);
                    }
                    catch (ArgumentOutOfRangeException)
                    {
                        throw new UnsupportedException("dates outside the years 1 to 9999");
                    }

                case PyRelativeDelta delta when op is BinaryOp.Add or BinaryOp.Subtract && !reflected:
                    return new PyRelativeDelta(
                        _months + (sign * delta._months), _days + (sign * delta._days), _micros + (sign * delta._micros));
                case long times when op == BinaryOp.Multiply && Math.Abs(times) < 1_000_000 && Math.Abs(_days) < 4_000_000:
                    return new PyRelativeDelta(_months * times, _days * times, _micros * times);
                default:
                    throw new UnsupportedException("this operation with a relativedelta");
            }
        }

        public override object? Unary(Vm vm, UnaryOp op) =>
            op == UnaryOp.Negate ? new PyRelativeDelta(-_months, -_days, -_micros) : null;

        public override bool? EqualTo(Vm vm, object other) => other is PyRelativeDelta delta
            && _months == delta._months && _days == delta._days && _micros == delta._micros;

        public override bool Truth(Vm vm) => _months != 0 || _days != 0 || _micros != 0;
    }
}
