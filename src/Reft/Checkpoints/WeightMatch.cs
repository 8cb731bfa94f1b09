namespace Reft.Checkpoints;

/// <summary>Accounts for every tensor of a model folder: none missing, none left over, each of its shape.</summary>
internal static class WeightMatch
{
    /// <summary>
    /// Finds the place of each expected tensor, under its name or an alias. Names for which
    /// <paramref name="isIgnorable"/> holds (buffers that old files carry) may be left over; every other difference is
    /// listed in one <see cref="InputException"/>.
    /// </summary>
    public static IReadOnlyDictionary<string, WeightEntry> Find(
        WeightFiles files, IEnumerable<ExpectedWeight> expected, Func<string, bool> isIgnorable)
    {
        var found = new OrderedDictionary<string, WeightEntry>(StringComparer.Ordinal);
        var accounted = new HashSet<string>(StringComparer.Ordinal);
        var missing = new List<string>();
        var unlike = new List<string>();
        foreach (var weight in expected)
        {
            var names = weight.Aliases.Prepend(weight.Name).Where(files.Entries.ContainsKey).ToArray();
            accounted.UnionWith(names);
            if (names.Length == 0)
            {
                missing.Add(weight.Name);
                continue;
            }

            unlike.AddRange(names.Select(name => Mismatch(name, files.Entries[name].Tensor, weight)).OfType<string>());
            unlike.AddRange(names.Skip(1).Where(name => Differ(files.Entries[names[0]], files.Entries[name]))
                .Select(name => $"{OneLine.Quote(names[0])} and {OneLine.Quote(name)} are tied but differ"));
            found.Add(weight.Name, files.Entries[names[0]]);
        }

        var unexpected = files.Entries.Keys.Where(name => !accounted.Contains(name) && !isIgnorable(name)).ToArray();
        return missing.Count + unexpected.Length + unlike.Count == 0
            ? found
            : throw Disagreement(files.Source, missing, unexpected, unlike);
    }

    private static string? Mismatch(string name, SafeTensorsEntry tensor, ExpectedWeight weight) =>
        tensor.Shape.AsSpan().SequenceEqual(weight.Shape)
            ? null
            : $"{OneLine.Quote(name)} has shape {Spell(tensor.Shape)} where {Spell(weight.Shape)} is needed";

    private static unsafe bool Differ(WeightEntry left, WeightEntry right)
    {
        if (left.Tensor.Dtype != right.Tensor.Dtype || left.Tensor.Length != right.Tensor.Length)
        {
            return true;
        }

        const int ChunkBytes = 1 << 24;
        var first = left.File.Pointer(left.Tensor);
        var second = right.File.Pointer(right.Tensor);
        for (var done = 0L; done < left.Tensor.Length; done += ChunkBytes)
        {
            var count = (int)Math.Min(ChunkBytes, left.Tensor.Length - done);
            if (!new Span<byte>(first + done, count).SequenceEqual(new Span<byte>(second + done, count)))
            {
                return true;
            }
        }

        return false;
    }

    private static InputException Disagreement(
        string source, List<string> missing, IReadOnlyCollection<string> unexpected, List<string> unlike)
    {
        const int Limit = 20;
        var findings = new List<string>();
        if (missing.Count > 0)
        {
            findings.Add($"lacks {OneLine.List(missing, Limit)}");
        }

        if (unexpected.Count > 0)
        {
            findings.Add($"holds unexpected {OneLine.List(unexpected, Limit)}");
        }

        findings.AddRange(unlike.Take(Limit));
        if (unlike.Count > Limit)
        {
            findings.Add($"{unlike.Count - Limit} more differ");
        }

        return new InputException(
            $"{OneLine.Of(source)}: {string.Join("; ", findings)}; check that {HuggingFaceFolder.Config} belongs to "
            + "these weights");
    }

    private static string Spell(long[] shape) => $"[{string.Join(", ", shape)}]";
}
