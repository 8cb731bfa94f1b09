using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>
/// libtorch's operators that TorchSharp does not bind, and several of them in one call, as TorchScript. An error in a source ends the process
/// when it is compiled, so sources are constants and a test compiles each.
/// </summary>
internal static unsafe class LibTorchScripts
{
    /// <summary>What every device runs.</summary>
    internal const string Common = """
        def rows(table: Tensor, at: Tensor) -> Tensor:
            return torch.embedding(table, at)

        def rms_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
            return torch.rms_norm(x, [x.size(-1)], weight, epsilon)

        def rotate(x: Tensor, cosines: Tensor, sines: Tensor, interleaved: bool) -> Tensor:
            pairs = cosines.size(-1)
            c = cosines.unsqueeze(1)
            s = sines.unsqueeze(1)
            turned = x.narrow(-1, 0, 2 * pairs)
            if interleaved:
                both = turned.unflatten(-1, [pairs, 2])
                a = both.select(-1, 0)
                b = both.select(-1, 1)
                y = torch.stack([a * c - b * s, b * c + a * s], -1).flatten(2, 3)
            else:
                a = turned.narrow(-1, 0, pairs)
                b = turned.narrow(-1, pairs, pairs)
                y = torch.cat([a * c - b * s, b * c + a * s], -1)
            y = y.to(x.dtype)
            if 2 * pairs < x.size(-1):
                y = torch.cat([y, x.narrow(-1, 2 * pairs, x.size(-1) - 2 * pairs)], -1)
            return y

        def quotient(x: Tensor, divisor: int) -> Tensor:
            return torch.floor_divide(x, divisor)

        def silu_multiply(gate: Tensor, up: Tensor) -> Tensor:
            return torch.silu(gate) * up

        def slope(logits: Tensor, targets: Tensor, upstream: Tensor) -> Tensor:
            s = torch.softmax(logits, 1).mul_(-upstream)
            at = torch.arange(s.size(0), device=s.device)
            s.index_put_([at, targets], s.gather(1, targets.unsqueeze(1)).add_(upstream).squeeze(1))
            return s

        def add_each(sums: List[Tensor], parts: List[Tensor]):
            for i in range(len(sums)):
                sums[i].add_(parts[i])

        def norm_squared(parts: List[Tensor]) -> Tensor:
            norms = torch._foreach_norm(parts, 2.0)
            return torch.stack(norms).to(dtype=7).square().sum()

        def clip(norm: Tensor, most: float) -> Tensor:
            if most <= 0.0:
                return torch.ones_like(norm).to(dtype=6)
            return (most / (norm + 1e-6)).clamp(max=1.0).to(dtype=6)

        def adam(masters: List[Tensor], grads: List[Tensor], first: List[Tensor], second: List[Tensor], steps: List[Tensor],
                 weights: List[Tensor], clip: Tensor, skip: Tensor, rate: float, decay: float, beta1: float, beta2: float,
                 epsilon: float, owned: bool) -> Tuple[Tensor, Tensor]:
            # The fused kernel does not count; a step that is skipped is not counted either.
            count = (1.0 - skip).view(1)
            for s in steps:
                s.add_(count)
            torch._foreach_mul_(grads, clip)
            before: List[Tensor] = []
            for m in masters:
                before.append(m.clone())
            torch._fused_adamw_(masters, grads, first, second, [], steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay,
                                eps=epsilon, amsgrad=False, maximize=False, found_inf=skip)
            moved = norm_squared(torch._foreach_sub(masters, before))
            changed = torch.zeros([], dtype=4, device=skip.device)
            for i in range(len(masters)):
                if owned:
                    rounded = masters[i].to(weights[i].dtype)
                    changed += (rounded != weights[i]).sum()
                    weights[i].copy_(rounded)
                else:
                    changed += (masters[i] != before[i]).sum()
            return moved, changed

        def drawn(logits: Tensor, u: Tensor, scale: float, greedy: bool, k: int, p: float, least: float, unfiltered: bool) -> Tensor:
            n = logits.size(1)
            top = torch.amax(logits, [1], True)
            w = torch.exp((logits - top) * scale)
            if greedy:
                best = torch.argmax(logits, 1)
                total = torch.sum(w, [1], dtype=7)
                return torch.stack([best.to(dtype=7), -torch.log(total)])
            whole = torch.sum(w, [1], True, dtype=7)
            if k > 0 or p < 1.0:
                # Most likely first; of equals the one with the lower id.
                order = torch.argsort(w, stable=True, dim=1, descending=True)
                ranked = w.gather(1, order)
                kept = torch.arange(n, device=w.device) < (k if k > 0 else n)
                ranked = ranked * kept
                if p < 1.0:
                    sums = running(ranked)
                    ranked = ranked * (sums - ranked < p * sums.narrow(1, n - 1, 1))
                w = torch.zeros_like(w).scatter_(1, order, ranked)
            if least > 0.0:
                w = w * (w >= least)
            block = 1024
            blocks = (n + block - 1) // block
            padded = torch.constant_pad_nd(w, [0, blocks * block - n]).view(-1, blocks, block)
            sums = triangle_sums(torch.sum(padded, [2], dtype=7))
            total = sums.narrow(1, blocks - 1, 1)
            target = u.unsqueeze(1) * total
            # Past the last sum, where rounding left a sliver over, stands the last block that has anything.
            b = torch.minimum((sums <= target).sum(1, keepdim=True), (sums < total).sum(1, keepdim=True))
            before = torch.where(b > 0, sums.gather(1, (b - 1).clamp(min=0)), torch.zeros_like(target))
            own = padded.gather(1, b.unsqueeze(2).expand(-1, 1, block)).squeeze(1)
            inner = triangle_sums(own.to(dtype=7))
            last = inner.narrow(1, block - 1, 1)
            t = torch.minimum((inner <= target - before).sum(1, keepdim=True), (inner < last).sum(1, keepdim=True))
            token = b * block + t
            lp = (logits.gather(1, token) - top).to(dtype=7) * scale - torch.log(whole if unfiltered else total)
            return torch.stack([token.squeeze(1).to(dtype=7), lp.squeeze(1)])

        def triangle_sums(x: Tensor) -> Tensor:
            n = x.size(-1)
            return torch.matmul(x, torch.triu(torch.ones([n, n], dtype=7, device=x.device)))

        def running(x: Tensor) -> Tensor:
            n = x.size(1)
            block = 1024
            blocks = (n + block - 1) // block
            padded = torch.constant_pad_nd(x, [0, blocks * block - n]).view(-1, blocks, block).to(dtype=7)
            inner = triangle_sums(padded)
            ends = inner.select(2, block - 1)
            before = triangle_sums(ends) - ends
            return (inner + before.unsqueeze(2)).flatten(1, 2).narrow(1, 0, n)
        """;

    /// <summary>What only GPUs have operators for.</summary>
    internal const string Graphics = """
        def wide_product(x: Tensor, y: Tensor) -> Tensor:
            return torch.mm(x, y, out_dtype=6)

        def attend(q: Tensor, k: Tensor, v: Tensor, bounds: Tensor, longest: int, scale: float, window: int) -> Tensor:
            r = torch._flash_attention_forward(q, k, v, bounds, bounds, longest, longest, 0.0, True, False, scale=scale,
                                               window_size_left=window)
            return r[0]

        def attend_cache(q: Tensor, k: Tensor, v: Tensor, starts: Tensor, slots: Tensor, used: Tensor, longest: int, scale: float,
                         window: int) -> Tensor:
            r = torch._flash_attention_forward(q, k, v, starts, slots, 1, longest, 0.0, False, False, scale=scale,
                                               window_size_left=window, seqused_k=used)
            return r[0]
        """;

    private static readonly Lazy<jit.CompilationUnit> _common = new(() => jit.compile(Common + "\n"));
    private static readonly Lazy<jit.CompilationUnit> _graphics = new(() => jit.compile(Graphics + "\n"));

    [ThreadStatic]
    private static bool _isPlain;

    /// <summary>Calls a function of <see cref="Common"/> that returns a tensor.</summary>
    public static Tensor Call(string function, params object[] arguments) => (Tensor)Invoke(_common, function, arguments)!;

    /// <summary>Calls a function of <see cref="Common"/> that returns nothing.</summary>
    public static void Do(string function, params object[] arguments) => Invoke(_common, function, arguments);

    /// <summary>Calls a function of <see cref="Common"/> that returns two tensors.</summary>
    public static (Tensor First, Tensor Second) CallTwo(string function, params object[] arguments) =>
        Invoke(_common, function, arguments) switch
        {
            ValueTuple<Tensor, Tensor> pair => pair,
            object[] { Length: 2 } parts => ((Tensor)parts[0], (Tensor)parts[1]),
            var other => throw new InvalidOperationException($"{function} gave {other?.GetType()}"),
        };

    /// <summary>Calls a function of <see cref="Graphics"/>.</summary>
    public static Tensor CallOnGpu(string function, params object[] arguments) => (Tensor)Invoke(_graphics, function, arguments)!;

    private static object? Invoke(Lazy<jit.CompilationUnit> unit, string function, object[] arguments)
    {
        SwitchOptimizerOff();
        // TorchSharp would make native scalars of bare numbers and hold them no longer than it takes to read their addresses.
        var held = new List<Scalar>();
        try
        {
            return unit.Value.invoke(function, [.. arguments.Select(argument => Held(argument, held))]);
        }
        finally
        {
            held.ForEach(scalar => scalar.Dispose());
        }
    }

    /// <summary>An argument that TorchSharp passes as it is: tensors, lists of them, and scalars that are held.</summary>
    private static object Held(object argument, List<Scalar> held)
    {
        if (argument is Tensor or Tensor[])
        {
            return argument;
        }

        Scalar scalar = argument switch
        {
            long number => number,
            double number => number,
            bool flag => flag,
            _ => throw new ArgumentException($"{argument.GetType()} goes to no script", nameof(argument)),
        };
        held.Add(scalar);
        return scalar;
    }

    /// <summary>
    /// TorchScript watches the first calls of a function and then compiles it anew, which could change last bits in the middle of a run; it is
    /// told not to, thread by thread.
    /// </summary>
    private static void SwitchOptimizerOff()
    {
        if (_isPlain)
        {
            return;
        }

        var off = (delegate* unmanaged<byte, void>)LibTorchExports.Find("torch_cpu", "_ZN5torch3jit24setGraphExecutorOptimizeEb");
        if (off == null)
        {
            throw new InputException("this libtorch lacks torch::jit::setGraphExecutorOptimize: use PyTorch 2.10 or 2.11");
        }

        off(0);
        _isPlain = true;
    }
}
