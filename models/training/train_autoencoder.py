"""Trains the autoencoder on rendered scenes: train_autoencoder.py --work DIR [--steps 3600] [--device auto] [--seed 1].

Loss: L1 + 2 MSE + 3e-4 KL. 32x32 crops for the first third of the steps, whole pictures after. Writes DIR/autoencoder.pt, again
and again; goes on from it if it is there.
"""
import argparse
import math
import os
import time

import numpy as np
import torch

import checkpoint
import config
import model
import scenes
from muon import Average, Muon

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--work", required=True)
parser.add_argument("--steps", type=int, default=3600)
parser.add_argument("--pictures", type=int, default=16000)
parser.add_argument("--device", default="auto")
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
device = checkpoint.prepare(args.device, args.seed)
os.makedirs(args.work, exist_ok=True)
path = os.path.join(args.work, "autoencoder.pt")
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
optimiser, average, step = Muon(matrices, others), Average(net, 0.998), 0
if saved := checkpoint.load(path, rng, device):
    net.load_state_dict(saved["net"])
    optimiser.load_state_dict(saved["optimiser"])
    average.load_state_dict(saved["average"])
    step = saved["step"]


@torch.no_grad()
def psnr():
    check = model.Autoencoder(dict(config.AUTOENCODER)).to(device).eval()
    check.load_state_dict(average.shadow)
    image = to_model(held_out)
    out = check.decoder(check.moments(image)[0]).clamp(-1, 1)
    return (10 * torch.log10(4 / ((out - image) ** 2).mean((1, 2, 3)))).mean().item()


def save():
    checkpoint.save(path, rng, net=net.state_dict(), optimiser=optimiser.state_dict(), average=average.state_dict(), step=step)


begin, first = time.time(), step
while step < args.steps:
    progress = step / args.steps
    batch = to_model(data[torch.randint(len(data), (64 if progress < 1 / 3 else 24,))])
    if progress < 1 / 3:
        y, x = 4 * int(rng.integers(0, 9)), 4 * int(rng.integers(0, 9))
        batch = batch[:, :, y:y + 32, x:x + 32]
    with torch.autocast(device, torch.bfloat16):
        mean, logvar = (part.float() for part in net.moments(batch))
        out = net.decoder(mean + torch.randn(mean.shape).to(device) * torch.exp(0.5 * logvar.clamp(-30, 20))).float()
    difference = out - batch
    kl = 0.5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
    loss = difference.abs().mean() + 2 * (difference ** 2).mean() + 3e-4 * kl
    optimiser.zero_grad()
    loss.backward()
    optimiser.step(min(1, (step + 1) / 50) * max(0.02, 0.5 * (1 + math.cos(math.pi * progress))))
    average.update(net)
    step += 1
    if step % 200 == 0 or step == args.steps:
        print(f"step {step}  {(time.time() - begin) / (step - first):.3f} s a step  loss {loss.item():.4f}  held-out PSNR {psnr():.2f} dB", flush=True)
        save()
