"""What Transformers does with the same model on the same card: one JSON line of tokens per second. For eng/gpu-check."""
import json, sys, time

try:
    import torch, transformers
except ImportError as missing:
    sys.exit(f"{missing.name} is not installed")

model = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.bfloat16).cuda().eval()
vocabulary = model.config.vocab_size
torch.manual_seed(0)


def timed(work):
    torch.cuda.synchronize()
    start = time.time()
    work()
    torch.cuda.synchronize()
    return time.time() - start


def generate(batch, new):
    ids = torch.randint(3, vocabulary - 2000, (batch, 96), device="cuda")
    with torch.no_grad():
        model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, min_new_tokens=new, do_sample=True, temperature=1.0,
                       top_k=0, pad_token_id=0)


generate(8, 8)
figures = {"version": transformers.__version__, "generate_128": 128 * 200 / timed(lambda: generate(128, 200))}
model.train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
batch = torch.randint(3, vocabulary - 2000, (64, 256), device="cuda")


def step():
    for part in batch.split(16):
        (model(input_ids=part, labels=part).loss / 4).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


step()
figures["train"] = 2 * batch.numel() / timed(lambda: (step(), step()))
print(json.dumps(figures))
