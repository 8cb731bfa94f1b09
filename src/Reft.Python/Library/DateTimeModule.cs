using System.Globalization;
using System.Numerics;
using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>datetime</c> without the clock and without time zones.</summary>
internal static class DateTimeModule
{
    public static readonly PyType Date = new("date", MakeDate, PyDateTime.Methods)
    {
        Module = "datetime",
        Statics = name => Statics(name, false),
    };

    public static readonly PyType DateTime = new("datetime", MakeDateTime, null, Date)
    {
        Module = "datetime",
        Statics = name => Statics(name, true),
    };

    public static readonly PyType TimeDelta = new("timedelta", MakeTimeDelta, PyTimeDelta.Methods) { Module = "datetime" };

    private static readonly string[] Units =
        ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];

    private static readonly long[] UnitLengths =
        [86_400_000_000, 1_000_000, 1, 1000, 60_000_000, 3_600_000_000, 604_800_000_000];

    public static Dictionary<string, object> Create() => new(StringComparer.Ordinal)
    {
        ["date"] = Date,
        ["datetime"] = DateTime,
        ["timedelta"] = TimeDelta,
        ["MINYEAR"] = Ints.Box(1),
        ["MAXYEAR"] = 9999L,
    };

    public static object Build(Vm vm, bool hasTime, params object[] parts)
    {
        var numbers = Array.ConvertAll(parts, p => Ops.ToLong(vm, p));
        string[] names = ["year", "month", "day", "hour", "minute", "second", "microsecond"];
        long[] highest = [9999, 12, 31, 23, 59, 59, 999_999];
        for (var i = 0; i < numbers.Length; i++)
        {
            var lowest = i < 3 ? 1 : 0;
            if (numbers[i] < lowest || numbers[i] > (i == 2 && numbers[0] is >= 1 and <= 9999
                ? System.DateTime.DaysInMonth((int)numbers[0], (int)numbers[1])
                : highest[i]))
            {
                throw Err.Value(i switch
                {
                    0 => FormattableString.Invariant($"year {numbers[0]} is out of range"),
                    2 => "day is out of range for month",
                    _ => FormattableString.Invariant($"{names[i]} must be in {lowest}..{highest[i]}"),
                });
            }
        }

        long At(int i) => i < numbers.Length ? numbers[i] : 0;
        var value = new DateTime((int)At(0), (int)At(1), (int)At(2), (int)At(3), (int)At(4), (int)At(5), DateTimeKind.Unspecified)
            .AddTicks(At(6) * 10);
        return new PyDateTime(value, hasTime);
    }

    private static object MakeDate(Vm vm, PyType type, Args args)
    {
        Signature.Check("date", args, 3, 3, ["year", "month", "day"]);
        return Build(vm, false, args.At(0, "year")!, args.At(1, "month")!, args.At(2, "day")!); // Check saw all three
    }

    private static object MakeDateTime(Vm vm, PyType type, Args args)
    {
        string[] names = ["year", "month", "day", "hour", "minute", "second", "microsecond"];
        Signature.Check("datetime", args, 3, 7, names);
        return Build(vm, true, [.. names.Select((name, i) => args.At(i, name)
            ?? (i < 3 ? throw Err.Type($"function missing required argument '{name}' (pos {i + 1})") : Ints.Box(0)))]);
    }

    private static object MakeTimeDelta(Vm vm, PyType type, Args args)
    {
        Signature.Check("timedelta", args, 0, 7, Units);
        var total = BigInteger.Zero;
        var left = 0.0;
        // CPython adds the smallest unit first; parts of microseconds gather and are rounded once.
        foreach (var i in (ReadOnlySpan<int>)[2, 3, 1, 4, 5, 0, 6])
        {
            switch (args.At(i, Units[i]))
            {
                case null:
                    break;
                case double real:
                    if (!double.IsFinite(real))
                    {
                        throw double.IsNaN(real)
                            ? Err.Value("cannot convert float NaN to integer")
                            : Err.Overflow("cannot convert float infinity to integer");
                    }

                    var whole = Math.Truncate(real);
                    total += Ints.Big(Floats.Truncate(whole)) * UnitLengths[i];
                    var part = (real - whole) * UnitLengths[i];
                    total += Ints.Big(Floats.Truncate(part));
                    left += part - Math.Truncate(part);
                    break;
                case var value:
                    total += Ints.Big(Ints.Plain(value) ?? throw Err.Type(
                        $"unsupported type for timedelta {Units[i]} component: {Types.Of(value).Name}")) * UnitLengths[i];
                    break;
            }
        }

        if (left != 0)
        {
            var rounded = Math.Round(left, MidpointRounding.ToEven);
            if (Math.Abs(left - Math.Truncate(left)) == 0.5)
            {
                // A tie goes to the even number of microseconds in all.
                rounded = 2.0 * Math.Round((left + (total.IsEven ? 0 : 1)) / 2.0, MidpointRounding.ToEven) - (total.IsEven ? 0 : 1);
            }

            total += (BigInteger)rounded;
        }

        return PyTimeDelta.Make(total);
    }

    private static object? Statics(string name, bool hasTime) => name switch
    {
        "now" or "today" or "utcnow" or "fromtimestamp" => throw new UnsupportedException($"the clock (datetime.{name})"),
        "min" => new PyDateTime(System.DateTime.MinValue, hasTime),
        "max" => new PyDateTime(hasTime ? new DateTime(9999, 12, 31, 23, 59, 59).AddTicks(9_999_990) : new DateTime(9999, 12, 31), hasTime),
        "fromordinal" => new NativeFunction(name, 1, 1, (vm, args) => Ops.ToLong(vm, args[0]) is var day && day is >= 1 and <= 3_652_059
            ? new PyDateTime(System.DateTime.MinValue.AddDays(day - 1), hasTime)
            : throw Err.Value("ordinal must be >= 1")),
        "fromisoformat" => new NativeFunction(name, 1, 1, (vm, args) => FromIso(vm, args[0], hasTime)),
        "strptime" when hasTime => new NativeFunction(name, 2, 2, (vm, args) => DateTexts.Parse(
            vm, Ops.ToText(args[0], "argument"), Ops.ToText(args[1], "argument"))),
        "combine" or "fromisocalendar" or "strptime" => throw new UnsupportedException($"datetime.{name}"),
        _ => null,
    };

    private static object FromIso(Vm vm, object value, bool hasTime)
    {
        var text = Ops.ToText(value, "fromisoformat: argument");
        if (text.Length == 10 && text[4] == '-' && text[7] == '-'
            && text.Where((_, i) => i is not (4 or 7)).All(char.IsAsciiDigit))
        {
            return Build(vm, hasTime, [.. text.Split('-').Select(p => (object)long.Parse(p, CultureInfo.InvariantCulture))]);
        }

        return text.Length < 7 || !text.Any(char.IsAsciiDigit)
            ? throw Err.Value($"Invalid isoformat string: {Show.Quote(text)}")
            : throw new UnsupportedException("fromisoformat of other than YYYY-MM-DD");
    }
}

/// <summary>A date, or a date with a time.</summary>
internal sealed class PyDateTime(DateTime value, bool hasTime) : PyObject
{
    public DateTime Value => value;

    public bool HasTime => hasTime;

    public override PyType Type => hasTime ? DateTimeModule.DateTime : DateTimeModule.Date;

    private long Microsecond => value.Ticks / 10 % 1_000_000;

    public static IEnumerable<NativeMethod> Methods() =>
    [
        new("weekday", 0, 0, (_, self, _) => Ints.Box(((int)((PyDateTime)self).Value.DayOfWeek + 6) % 7)),
        new("isoweekday", 0, 0, (_, self, _) => Ints.Box((((int)((PyDateTime)self).Value.DayOfWeek + 6) % 7) + 1)),
        new("toordinal", 0, 0, (_, self, _) => Ints.Box((((PyDateTime)self).Value.Date - DateTime.MinValue).Days + 1)),
        new("isoformat", 0, 0, (_, self, _) => ((PyDateTime)self).Iso('T')),
        new("date", 0, 0, (_, self, _) => ((PyDateTime)self).HasTime
            ? new PyDateTime(((PyDateTime)self).Value.Date, false) : throw Err.Attribute(self, "date")),
        new("strftime", 1, 1, (vm, self, args) => DateTexts.Write(vm, (PyDateTime)self, Ops.ToText(args[0], "format"))),
        new("replace", 0, 3, (vm, self, args) => ((PyDateTime)self).Replace(vm, args),
            "year", "month", "day", "hour", "minute", "second", "microsecond"),
        .. ((string[])["time", "timestamp", "timetuple", "isocalendar", "ctime", "astimezone"]).Select(name => new NativeMethod(
            name, 0, 2, (_, _, _) => throw new UnsupportedException($"datetime's {name}"))),
    ];

    public string Iso(char separator)
    {
        var text = value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (!hasTime)
        {
            return text;
        }

        text += separator + value.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return Microsecond == 0 ? text : text + "." + Microsecond.ToString("000000", CultureInfo.InvariantCulture);
    }

    public override string Str(Vm vm) => Iso(' ');

    public override string Format(Vm vm, string spec) => spec.Length == 0 ? Str(vm) : DateTexts.Write(vm, this, spec);

    public override string Repr(Vm vm)
    {
        var parts = new List<long> { value.Year, value.Month, value.Day };
        if (hasTime)
        {
            parts.AddRange([value.Hour, value.Minute]);
            if (value.Second != 0 || Microsecond != 0)
            {
                parts.Add(value.Second);
            }

            if (Microsecond != 0)
            {
                parts.Add(Microsecond);
            }
        }

        return $"datetime.{Type.Name}({string.Join(", ", parts)})";
    }

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "year" => Ints.Box(value.Year),
        "month" => Ints.Box(value.Month),
        "day" => Ints.Box(value.Day),
        "hour" when hasTime => Ints.Box(value.Hour),
        "minute" when hasTime => Ints.Box(value.Minute),
        "second" when hasTime => Ints.Box(value.Second),
        "microsecond" when hasTime => Ints.Box(Microsecond),
        "tzinfo" when hasTime => PyNone.Value,
        _ => base.GetAttribute(vm, name),
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (op == BinaryOp.Subtract && !reflected && other is PyDateTime second && second.HasTime == hasTime)
        {
            return PyTimeDelta.Make((value.Ticks - second.Value.Ticks) / 10);
        }

        if (other is not PyTimeDelta delta || op is not (BinaryOp.Add or BinaryOp.Subtract)
            || (op == BinaryOp.Subtract && reflected))
        {
            return null;
        }

        var days = hasTime ? delta.Microseconds : (BigInteger)delta.Days * 86_400_000_000;
        if (!hasTime && op == BinaryOp.Subtract)
        {
            days = -days;
        }

        var ticks = value.Ticks + ((op == BinaryOp.Subtract && hasTime ? -days : days) * 10);
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks
            ? throw Err.Overflow("date value out of range")
            : new PyDateTime(new DateTime((long)ticks, DateTimeKind.Unspecified), hasTime);
    }

    public override bool? EqualTo(Vm vm, object other) =>
        other is PyDateTime second ? second.HasTime == hasTime && second.Value == value : null;

    public override bool? Compare(Vm vm, CompareOp op, object other)
    {
        if (other is not PyDateTime second)
        {
            return null;
        }

        return second.HasTime == hasTime
            ? Ops.Holds(op, value.CompareTo(second.Value))
            : throw Err.Type("can't compare datetime.datetime to datetime.date");
    }

    public override long Hash(Vm vm) => value.Ticks;

    private object Replace(Vm vm, Args args)
    {
        string[] names = ["year", "month", "day", "hour", "minute", "second", "microsecond"];
        object[] old =
        [
            Ints.Box(value.Year), Ints.Box(value.Month), Ints.Box(value.Day), Ints.Box(value.Hour), Ints.Box(value.Minute),
            Ints.Box(value.Second), Ints.Box(Microsecond),
        ];
        return DateTimeModule.Build(vm, hasTime, [.. names.Take(hasTime ? 7 : 3).Select((n, i) => args.At(i, n) ?? old[i])]);
    }
}

/// <summary>A length of time in microseconds.</summary>
internal sealed class PyTimeDelta(BigInteger microseconds) : PyObject
{
    private const long Day = 86_400_000_000;

    public BigInteger Microseconds => microseconds;

    public long Days => (long)Ints.FloorDivide(microseconds, Day, out _);

    public override PyType Type => DateTimeModule.TimeDelta;

    private long Rest
    {
        get
        {
            Ints.FloorDivide(microseconds, Day, out var rest);
            return (long)rest;
        }
    }

    public static PyTimeDelta Make(BigInteger microseconds)
    {
        var days = Ints.FloorDivide(microseconds, Day, out _);
        return BigInteger.Abs(days) > 999_999_999
            ? throw Err.Overflow($"days={days}; must have magnitude <= 999999999")
            : new PyTimeDelta(microseconds);
    }

    public static IEnumerable<NativeMethod> Methods() =>
    [
        new("total_seconds", 0, 0, (_, self, _) => Floats.Ratio(((PyTimeDelta)self).Microseconds, 1_000_000)),
    ];

    public PyTimeDelta Abs() => new(BigInteger.Abs(microseconds));

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "days" => Ints.Box(Days),
        "seconds" => Ints.Box(Rest / 1_000_000),
        "microseconds" => Ints.Box(Rest % 1_000_000),
        _ => base.GetAttribute(vm, name),
    };

    public override object? Unary(Vm vm, UnaryOp op) => op switch
    {
        UnaryOp.Negate => Make(-microseconds),
        UnaryOp.Plus => this,
        _ => null,
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (other is PyTimeDelta second)
        {
            var (a, b) = reflected ? (second.Microseconds, microseconds) : (microseconds, second.Microseconds);
            switch (op)
            {
                case BinaryOp.Add:
                    return Make(a + b);
                case BinaryOp.Subtract:
                    return Make(a - b);
                case BinaryOp.Divide or BinaryOp.FloorDivide or BinaryOp.Modulo when b.IsZero:
                    throw Err.ZeroDivision(op == BinaryOp.Divide ? "division by zero"
                        : op == BinaryOp.Modulo ? "integer modulo by zero" : "integer division or modulo by zero");
                case BinaryOp.Divide:
                    return Floats.Ratio(a, b);
                case BinaryOp.FloorDivide:
                    return Ints.Box(Ints.FloorDivide(a, b, out _));
                case BinaryOp.Modulo:
                    Ints.FloorDivide(a, b, out var rest);
                    return Make(rest);
                default:
                    return null;
            }
        }

        if (op == BinaryOp.Multiply && other is double real)
        {
            var (a, b) = double.IsFinite(real) ? Floats.ToRatio(real) : throw Err.Overflow("cannot convert float to integer ratio");
            return Make(Ints.RoundDivide(microseconds * a, b));
        }

        if (!Ints.TryBig(other, out var number))
        {
            return other is double divisor && op == BinaryOp.Divide && !reflected
                ? divisor == 0 ? throw Err.ZeroDivision("division by zero") : DivideBy(Floats.ToRatio(divisor))
                : null;
        }

        switch (op)
        {
            case BinaryOp.Multiply:
                return Make(microseconds * number);
            case BinaryOp.Divide or BinaryOp.FloorDivide when !reflected:
                if (number.IsZero)
                {
                    throw Err.ZeroDivision(op == BinaryOp.Divide ? "division by zero" : "integer division or modulo by zero");
                }

                return op == BinaryOp.Divide
                    ? DivideBy((number, BigInteger.One))
                    : Make(Ints.FloorDivide(microseconds, number, out _));
            default:
                return null;
        }
    }

    public override bool? EqualTo(Vm vm, object other) =>
        other is PyTimeDelta second ? microseconds == second.Microseconds : null;

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        other is PyTimeDelta second ? Ops.Holds(op, microseconds.CompareTo(second.Microseconds)) : null;

    public override long Hash(Vm vm) => Hashing.OfBig(microseconds);

    public override bool Truth(Vm vm) => !microseconds.IsZero;

    public override string Repr(Vm vm)
    {
        var parts = new List<string>();
        var (seconds, micros) = (Rest / 1_000_000, Rest % 1_000_000);
        foreach (var (name, number) in ((string, long)[])[("days", Days), ("seconds", seconds), ("microseconds", micros)])
        {
            if (number != 0)
            {
                parts.Add(FormattableString.Invariant($"{name}={number}"));
            }
        }

        return $"datetime.timedelta({(parts.Count == 0 ? "0" : string.Join(", ", parts))})";
    }

    public override string Str(Vm vm)
    {
        var (seconds, micros) = (Rest / 1_000_000, Rest % 1_000_000);
        var text = new StringBuilder();
        if (Days != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Days} day{(Math.Abs(Days) == 1 ? "" : "s")}, ");
        }

        text.Append(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        return micros == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $".{micros:000000}").ToString();
    }

    private PyTimeDelta DivideBy((BigInteger Numerator, BigInteger Denominator) divisor)
    {
        var (a, b) = (microseconds * divisor.Denominator, divisor.Numerator);
        return Make(b.Sign < 0 ? Ints.RoundDivide(-a, -b) : Ints.RoundDivide(a, b));
    }
}

/// <summary>Dates by formats: <c>strftime</c> and <c>strptime</c>, in English.</summary>
internal static class DateTexts
{
    public static string Write(Vm vm, PyDateTime date, string format)
    {
        var text = new StringBuilder();
        var value = date.Value;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var code = format[++i];
            var pattern = code switch
            {
                'Y' => value.Year < 1000 ? throw new UnsupportedException("strftime of years before 1000") : "yyyy",
                'm' => "MM",
                'd' => "dd",
                'H' => "HH",
                'M' => "mm",
                'S' => "ss",
                'B' => "MMMM",
                'b' or 'h' => "MMM",
                'A' => "dddd",
                'a' => "ddd",
                'y' => "yy",
                'I' => "hh",
                'p' => "tt",
                'f' => "ffffff",
                'F' => "yyyy-MM-dd",
                'T' => "HH:mm:ss",
                _ => null,
            };
            text.Append(pattern is not null ? value.ToString(pattern, CultureInfo.InvariantCulture) : code switch
            {
                'j' => value.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                'w' => ((int)value.DayOfWeek).ToString(CultureInfo.InvariantCulture),
                '%' => "%",
                _ => throw new UnsupportedException($"strftime's %{code}"),
            });
        }

        return vm.Text(text.ToString());
    }

    public static object Parse(Vm vm, string text, string format)
    {
        long[] parts = [1900, 1, 1, 0, 0, 0, 0];
        var afternoon = (bool?)null;
        var at = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                if (char.IsWhiteSpace(format[i]))
                {
                    if (!SkipSpaces(text, ref at))
                    {
                        throw Mismatch(text, format);
                    }

                    continue;
                }

                if (at >= text.Length || text[at++] != format[i])
                {
                    throw Mismatch(text, format);
                }

                continue;
            }

            var code = format[++i];
            var (index, width) = code switch
            {
                'Y' => (0, 4),
                'm' => (1, 2),
                'd' => (2, 2),
                'H' or 'I' => (3, 2),
                'M' => (4, 2),
                'S' => (5, 2),
                'B' or 'b' or 'p' => (-1, 0),
                _ => throw new UnsupportedException($"strptime's %{code}"),
            };
            if (index >= 0)
            {
                var start = at;
                while (at < text.Length && at - start < width && char.IsAsciiDigit(text[at]))
                {
                    at++;
                }

                if (at == start || (code == 'Y' && at - start != 4))
                {
                    throw Mismatch(text, format);
                }

                parts[index] = long.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture);
                continue;
            }

            if (code == 'p')
            {
                var half = at + 2 <= text.Length ? text.Substring(at, 2).ToUpperInvariant() : "";
                afternoon = half is "AM" or "PM" ? half == "PM" : throw Mismatch(text, format);
                at += 2;
                continue;
            }

            var names = code == 'B' ? CultureInfo.InvariantCulture.DateTimeFormat.MonthNames : CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames;
            var found = Array.FindIndex(
                names, n => n.Length > 0 && string.Compare(text, at, n, 0, n.Length, StringComparison.OrdinalIgnoreCase) == 0);
            if (found < 0)
            {
                throw Mismatch(text, format);
            }

            parts[1] = found + 1;
            at += names[found].Length;
        }

        if (at < text.Length)
        {
            throw Err.Value($"unconverted data remains: {text[at..]}");
        }

        if (afternoon is { } late)
        {
            parts[3] = (parts[3] % 12) + (late ? 12 : 0);
        }

        return DateTimeModule.Build(vm, true, [.. parts.Select(p => (object)p)]);
    }

    private static bool SkipSpaces(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at > start;
    }

    private static PyError Mismatch(string text, string format) =>
        Err.Value($"time data {Show.Quote(text)} does not match format {Show.Quote(format)}");
}
