"""Trains the autoencoder on rendered scenes: train_autoencoder.py --work DIR --minutes 9 [--device auto] [--seed 1].

Loss: L1 + 2 MSE + 3e-4 KL. 32x32 crops for the first third of the time, whole pictures after. Writes DIR/autoencoder.pt, again
and again; starts from it if it is there.
"""
import argparse
import math
import os
import time

import numpy as np
import torch

import config
import model
import scenes
from muon import Average, Muon

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--work", required=True)
parser.add_argument("--minutes", type=float, default=9)
parser.add_argument("--pictures", type=int, default=16000)
parser.add_argument("--device", default="auto")
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
device = ("cuda" if torch.cuda.is_available() else "cpu") if args.device == "auto" else args.device
os.makedirs(args.work, exist_ok=True)
path = os.path.join(args.work, "autoencoder.pt")
torch.manual_seed(args.seed)
rng = np.random.default_rng(args.seed)


def pictures(count, generator):
    out = []
    while len(out) < count:
        _, _, _, source, target = scenes.sample(generator)
        out += [scenes.render(scene) for scene in (source, target) if scene]
    return torch.from_numpy(np.stack(out[:count])).permute(0, 3, 1, 2).contiguous()


def to_model(batch):
    return batch.to(device).float() / 127.5 - 1


data, held_out = pictures(args.pictures, rng), pictures(256, np.random.default_rng(args.seed + 1000))
net = model.Autoencoder(dict(config.AUTOENCODER)).to(device)
edges = {id(p) for m in (net.encoder.conv_in, net.encoder.conv_out, net.decoder.conv_in, net.decoder.conv_out) for p in m.parameters()}
matrices = [p for p in net.parameters() if p.dim() > 1 and id(p) not in edges]
others = [p for p in net.parameters() if p.dim() < 2 or id(p) in edges]
optimiser, average, spent, step = Muon(matrices, others), Average(net, 0.998), 0.0, 0
if os.path.exists(path):
    saved = torch.load(path, map_location=device)
    net.load_state_dict(saved["net"])
    optimiser.load_state_dict(saved["optimiser"])
    average.shadow, average.steps, spent, step = saved["average"], saved["steps"], saved["spent"], saved["steps"]


@torch.no_grad()
def psnr():
    check = model.Autoencoder(dict(config.AUTOENCODER)).to(device).eval()
    check.load_state_dict(average.shadow)
    image = to_model(held_out)
    out = check.decoder(check.moments(image)[0]).clamp(-1, 1)
    return (10 * torch.log10(4 / ((out - image) ** 2).mean((1, 2, 3)))).mean().item()


def save():
    torch.save({"net": net.state_dict(), "optimiser": optimiser.state_dict(), "average": average.shadow, "steps": step, "spent": spent}, path + ".part")
    os.replace(path + ".part", path)


begin, total, shown = time.time() - spent, args.minutes * 60, time.time()
while (spent := time.time() - begin) < total:
    progress = spent / total
    batch = to_model(data[torch.randint(len(data), (64 if progress < 0.33 else 24,))])
    if progress < 0.33:
        y, x = 4 * int(rng.integers(0, 9)), 4 * int(rng.integers(0, 9))
        batch = batch[:, :, y:y + 32, x:x + 32]
    with torch.autocast(device, torch.bfloat16):
        mean, logvar = (part.float() for part in net.moments(batch))
        out = net.decoder(mean + torch.randn_like(mean) * torch.exp(0.5 * logvar.clamp(-30, 20))).float()
    difference = out - batch
    kl = 0.5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
    loss = difference.abs().mean() + 2 * (difference ** 2).mean() + 3e-4 * kl
    optimiser.zero_grad()
    loss.backward()
    optimiser.step(min(1, step / 50) * max(0.02, 0.5 * (1 + math.cos(math.pi * progress))))
    average.update(net)
    step += 1
    if time.time() - shown > 30:
        shown = time.time()
        print(f"{spent:6.0f} s  step {step}  loss {loss.item():.4f}  held-out PSNR {psnr():.2f} dB", flush=True)
        save()
save()
print(f"done: {step} steps, held-out PSNR {psnr():.2f} dB", flush=True)
