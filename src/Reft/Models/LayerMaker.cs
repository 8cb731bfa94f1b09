namespace Reft.Models;

/// <summary>Makes projections and norms with fresh parameters, as a configuration asks.</summary>
internal sealed class LayerMaker(DecoderConfig config, ParameterSet parameters)
{
    /// <summary>A linear map under a name.</summary>
    public Projection Projection(string name, int inputs, int outputs, bool bias)
    {
        var weight = config.TransposedWeights
            ? parameters.Normal(name + ".weight", inputs, outputs)
            : parameters.Normal(name + ".weight", outputs, inputs);
        return new Projection(weight, bias ? parameters.Zeros(name + ".bias", outputs) : null, config.TransposedWeights, parameters.Device.Numerics);
    }

    /// <summary>A norm under a name.</summary>
    public Norm Norm(string name, int width)
    {
        var weight = !config.NormAffine ? null
            : config.NormsAroundOne ? parameters.Zeros(name + ".weight", width)
            : parameters.Ones(name + ".weight", width);
        var bias = config.NormAffine && config.Norm == NormKind.Layer ? parameters.Zeros(name + ".bias", width) : null;
        return new Norm(parameters.Device.Numerics, config.Norm, weight, bias, config.NormEpsilon, config.NormsAroundOne);
    }
}
