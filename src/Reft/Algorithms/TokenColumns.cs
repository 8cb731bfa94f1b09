using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>A micro-batch's data as tensors [M], the response tokens of its sequences laid end to end.</summary>
public sealed class TokenColumns
{
    private readonly IReadOnlyList<Trajectory> _rows;
    private readonly Device _device;

    /// <summary>Lays the rows end to end.</summary>
    /// <param name="rows">The trajectories.</param>
    /// <param name="weights">Their tokens' weights [B][T].</param>
    /// <param name="device">Where the tensors go.</param>
    public TokenColumns(IReadOnlyList<Trajectory> rows, IReadOnlyList<float[]> weights, Device device)
    {
        _rows = rows;
        _device = device;
        Weights = tensor(weights.SelectMany(w => w).ToArray(), device: device);
        Counts = [.. weights.SelectMany(w => w).Select(w => w != 0)];
    }

    /// <summary>The rows.</summary>
    public IReadOnlyList<Trajectory> Rows => _rows;

    /// <summary>Weights in the loss [M]; 0 where a token does not count.</summary>
    public Tensor Weights { get; }

    /// <summary>Where the weight is not 0 [M].</summary>
    public bool[] Counts { get; }

    /// <summary>Tokens, M.</summary>
    public int Count => Counts.Length;

    /// <summary>One column [M].</summary>
    public Tensor Column(Func<Trajectory, float[]> of) => tensor(_rows.SelectMany(of).ToArray(), device: _device);
}
