using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>
/// Whole numbers that operations need on the host or on the device: tokens, positions, rows. A tensor is made when it is first asked for, belongs
/// to the dispose scope of that moment, and is made anew after its end: a layer that is computed again in the backward pass finds it gone.
/// </summary>
internal sealed class IndexList
{
    private readonly Tensor? _fixed;
    private readonly long[] _host;
    private readonly Dictionary<nint, Tensor> _selected = [];
    private Tensor? _made;

    /// <summary>Numbers of the host.</summary>
    public IndexList(long[] host) => _host = host;

    /// <summary>Numbers that are on the device alone, in a tensor [N] of the caller's.</summary>
    public IndexList(Tensor onDevice)
    {
        _fixed = onDevice;
        _host = [];
    }

    /// <summary>Whether they are on the device alone.</summary>
    public bool IsFixed => _fixed is not null;

    /// <summary>The numbers on the host [N].</summary>
    public long[] Host => _fixed is null ? _host : throw new InvalidOperationException("these numbers are on the device alone");

    /// <summary>The numbers as a tensor [N], int64.</summary>
    public Tensor On(Device device)
    {
        if (_fixed is not null)
        {
            return _fixed;
        }

        return _made is { IsInvalid: false } made ? made : _made = tensor(_host, device: device);
    }

    /// <summary>Every number with another added.</summary>
    public IndexList Plus(int number) => _fixed is null
        ? new IndexList([.. _host.Select(value => value + number)])
        : new IndexList(_fixed.Shifted(number));

    /// <summary>The rows of a table at these numbers, kept as the numbers are.</summary>
    public Tensor RowsOf(Tensor table)
    {
        if (_selected.TryGetValue(table.Handle, out var found) && !found.IsInvalid)
        {
            return found;
        }

        return _selected[table.Handle] = table.index_select(0, On(table.device));
    }
}

/// <summary>Sequences laid end to end: their lengths, and where they begin.</summary>
/// <param name="lengths">The lengths, in tokens.</param>
internal sealed class SequenceLayout(int[] lengths)
{
    private Tensor? _bounds;

    /// <summary>The lengths [B].</summary>
    public int[] Lengths => lengths;

    /// <summary>The longest.</summary>
    public int Longest { get; } = lengths.Max();

    /// <summary>0, and the end of every sequence [B + 1], int32; kept as an <see cref="IndexList"/>'s tensor is.</summary>
    public Tensor Bounds(Device device)
    {
        if (_bounds is { IsInvalid: false } made)
        {
            return made;
        }

        var bounds = new int[lengths.Length + 1];
        for (var s = 0; s < lengths.Length; s++)
        {
            bounds[s + 1] = bounds[s] + lengths[s];
        }

        return _bounds = tensor(bounds, device: device);
    }
}
