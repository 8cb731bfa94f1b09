namespace Reft.Checkpoints;

/// <summary>One tensor of a model folder, and the open file that holds it.</summary>
internal sealed record WeightEntry(SafeTensorsFile File, SafeTensorsEntry Tensor);
