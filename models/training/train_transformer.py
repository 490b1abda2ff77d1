"""Trains transformer and text encoders together on pairs of scenes: rectified flow on latents.

train_transformer.py --work DIR [--steps 12000] [--pairs 200000] [--device auto] [--seed 1]

x_t = (1 - t) data + t noise, target v = noise - data, loss on the target's tokens. First fifth: timesteps logit-normal and
uniform; then sigmoid(N(1.6, 1.3)) and noise on the context. Tokens that change weigh 5x. Every 1500 steps it samples held-out scenes,
prints scores and draws weak kinds more often. Needs DIR/autoencoder.pt, DIR/t5, DIR/clip; writes DIR/transformer.pt and resumes from it.
"""
import argparse
import os
import time

import numpy as np
import torch

import checkpoint
import config
import model
import sampler
import scenes
import score
import tokenizers
from data import Pairs
from muon import Average, Muon

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--work", required=True)
parser.add_argument("--steps", type=int, default=12000)
parser.add_argument("--pairs", type=int, default=config.PAIRS)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--evaluate-every", type=int, default=1500)
parser.add_argument("--device", default="auto")
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
device = checkpoint.prepare(args.device, args.seed)
path = os.path.join(args.work, "transformer.pt")
rng = np.random.default_rng(args.seed)


def load_autoencoder():
    net = model.Autoencoder(dict(config.AUTOENCODER)).eval()
    net.load_state_dict(torch.load(os.path.join(args.work, "autoencoder.pt"), map_location="cpu")["average"]["shadow"])
    images = torch.from_numpy(np.stack([scenes.render(scenes.sample(np.random.default_rng(i))[4]) for i in range(600)]))
    with torch.no_grad():
        mean = net.moments(images.permute(0, 3, 1, 2).float() / 127.5 - 1)[0]
    net.params["scale_factor"], net.params["shift_factor"] = round(1 / mean.std().item(), 4), round(mean.mean().item(), 4)
    print("scale", net.params["scale_factor"], "shift", net.params["shift_factor"], flush=True)
    return net.to(device)


t5_tokens, clip_tokens = tokenizers.of_work(args.work)
autoencoder = load_autoencoder()
flux = model.Flux(dict(config.TRANSFORMER))
flux.zero_init()
t5 = model.T5Encoder(dict(config.T5, vocab_size=t5_tokens.size))
clip = model.ClipText(dict(config.CLIP, vocab_size=clip_tokens.size, eos_token_id=clip_tokens.size - 1))
for encoder in (t5, clip):
    for name, p in encoder.named_parameters():
        if p.dim() > 1:
            torch.nn.init.normal_(p, std=1.0 if "shared" in name else 0.1 if "embedding" in name else p.shape[1] ** -0.5)
nets = torch.nn.ModuleDict({"flux": flux, "t5": t5, "clip": clip}).to(device)


def is_matrix(name, p):
    return p.dim() == 2 and not any(part in name for part in ("embedding", "shared", "relative", "img_in", "txt_in", "_in.in_layer", "final_layer"))


named = list(nets.named_parameters())
optimiser = Muon([p for n, p in named if is_matrix(n, p)], [p for n, p in named if not is_matrix(n, p)])
average = Average(nets, 0.9985)
step, shares = 0, [share for _, _, share in scenes.kinds()]
if saved := checkpoint.load(path, rng, device):
    nets.load_state_dict(saved["nets"])
    optimiser.load_state_dict(saved["optimiser"])
    average.load_state_dict(saved["average"])
    step, shares = saved["step"], saved["shares"]


def save():
    checkpoint.save(path, rng, nets=nets.state_dict(), optimiser=optimiser.state_dict(), average=average.state_dict(), step=step, shares=shares,
                    autoencoder=autoencoder.state_dict(), autoencoder_params=autoencoder.params)


def averaged():
    check = torch.nn.ModuleDict({"flux": model.Flux(dict(config.TRANSFORMER)), "t5": model.T5Encoder(t5.params), "clip": model.ClipText(clip.params)})
    check.load_state_dict(average.shadow)
    check = check.to(device).eval()
    return sampler.Networks(check["flux"], check["t5"], check["clip"], autoencoder)


def evaluate(per_kind=12):
    """Scores on held-out scenes, and new shares of the kinds."""
    networks, held_out, rows, rates = averaged(), np.random.default_rng(args.seed + 5000), [], []
    for category, kind, _ in scenes.kinds():
        examples = [scenes.pair(held_out, category, kind) for _ in range(per_kind)]
        ids = [torch.tensor([tokens(text) for text, _, _ in examples], device=device) for tokens in (t5_tokens, clip_tokens)]
        sources = None if examples[0][1] is None else np.stack([scenes.render(source) for _, source, _ in examples])
        context = None if sources is None else sampler.context_of(networks, sources)
        out = sampler.pixels(networks, sampler.sample(networks, *ids, context, range(per_kind)))
        marks = [score.score(None if sources is None else sources[i], scenes.render(examples[i][2]), out[i]) for i in range(per_kind)]
        rows += [(category, kind, mark) for mark in marks]
        rates.append(np.mean([mark["ok"] for mark in marks]))
    result = score.table(rows)
    print(f"step {step}  " + "  ".join(f"{name.split(' / ')[-1]} {each['ok']:.2f}" for name, each in result.items()), flush=True)
    return [float(share * (0.3 + 1.2 * (1 - rate))) for (_, _, share), rate in zip(scenes.kinds(), rates)]


pairs = Pairs(args.pairs, args.seed + config.PAIRS_SEED, autoencoder, t5_tokens, clip_tokens, device)
members = [torch.nonzero(pairs.kind == k)[:, 0] for k in range(len(pairs.names))]
with_context = [bool(pairs.source[m[0]] >= 0) for m in members]
tables = {contexts: [part.to(device) for part in sampler.table(contexts)] for contexts in (0, 1)}


def draw(early):
    """Rows of one batch, all with or all without context."""
    weights = np.array(shares)
    contexts = rng.random() < weights[with_context].sum() / weights.sum()
    weights = np.where(np.array(with_context) == contexts, weights, 0)
    kinds = rng.choice(len(weights), args.batch, p=weights / weights.sum())
    rows = torch.stack([members[k][rng.integers(len(members[k]))] for k in kinds])
    target = pairs.latents[pairs.target[rows]].to(device).float()
    context = pairs.latents[pairs.source[rows]].to(device).float() if contexts else None
    if early:
        mixed = torch.sigmoid(torch.randn(args.batch) - 0.16)
        t = torch.where(torch.rand(args.batch) < 0.3, torch.rand(args.batch), mixed).to(device)
    else:
        t = torch.sigmoid(1.6 + 1.3 * torch.randn(args.batch)).to(device)
    before = context if contexts else target.median(1, keepdim=True).values
    weight = 1 + 4 * ((target - before).abs().mean(-1) > 0.15).float()
    return rows, target, context, t, weight / weight.mean()


begin, first, losses = time.time(), step, []
while step < args.steps:
    progress = step / args.steps
    rows, target, context, t, weight = draw(early=progress < 0.2)
    noise = torch.randn(target.shape).to(device)
    x = (1 - t[:, None, None]) * target + t[:, None, None] * noise
    if context is not None and progress >= 0.2:
        context = context + (0.15 * torch.rand(args.batch, 1, 1) * torch.randn(context.shape)).to(device)
    guidance = 1 + 5 * torch.rand(args.batch).to(device)
    with torch.autocast(device, torch.bfloat16):
        text, vector = t5(pairs.t5[rows].to(device).long()), clip(pairs.clip[rows].to(device).long())
        tokens = x if context is None else torch.cat([x, context], 1)
        velocity = flux(tokens, *tables[0 if context is None else 1], text, t, vector, guidance)[:, :config.TOKENS].float()
    loss = (weight[..., None] * (velocity - (noise - target)) ** 2).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step(min(1, (step + 1) / 200) * max(0.02, min(1, (1 - progress) / 0.4)))
    average.update(nets)
    step += 1
    losses.append(loss.item())
    if step % 250 == 0:
        print(f"step {step}  {(time.time() - begin) / (step - first):.3f} s a step  loss {np.mean(losses[-250:]):.4f}", flush=True)
    if step % args.evaluate_every == 0:
        shares = evaluate()
        save()
evaluate(per_kind=40)
save()
