namespace Reft.Numerics;

/// <summary>
/// What becomes of the scores of a query q: <c>scale · q·k</c>, or <c>cap · tanh(scale · q·k / cap)</c> where there is a cap, of the keys k in
/// the window. Kernels say which of it they compute; the rest goes through libtorch's operations.
/// </summary>
/// <param name="Scale">The factor; 1/√(head size) in most families.</param>
/// <param name="Window">How many tokens back are seen, the token itself included; null for all.</param>
/// <param name="Cap">What scores come no further from 0 than, above 0 (Gemma 2, <see href="https://arxiv.org/abs/2408.00118"/>); null for none.</param>
internal readonly record struct ScoreShape(double Scale, int? Window, double? Cap);
